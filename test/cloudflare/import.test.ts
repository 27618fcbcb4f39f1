import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { followImport, importDatabase } from "../../src/cloudflare/import.ts";
import type { RemoteD1 } from "../../src/cloudflare/d1.ts";
import { OpsError } from "../../src/report/error.ts";
import {
  expectError,
  folder,
  followClock,
  remoteFixture,
  type RemoteFixture,
  nameOf,
  outcomeOf,
  TROUBLES,
} from "./remote-fixture.ts";

/** Each run adds two rows. */
const SQL = `PRAGMA foreign_keys=OFF;
CREATE TABLE IF NOT EXISTS t(a);
INSERT INTO t VALUES('x');
INSERT INTO t VALUES('y');
`;

function fileOf(content: string | Buffer): string {
  const path = join(folder(), "file.sql");
  writeFileSync(path, content);
  return path;
}

/** The table exists, so that its rows can be counted at any time. */
async function shop(...args: Parameters<typeof remoteFixture>): Promise<RemoteFixture> {
  const home = await remoteFixture(...args);
  await home.query("CREATE TABLE t(a)");
  home.cloudflare.log.length = 0;
  return home;
}

const rows = ({ count }: RemoteFixture): number => count("SELECT count(*) FROM t");

/** Runs an action just before the n-th request of that name. */
function before(home: RemoteFixture, operation: string, n: number, act: () => void): void {
  let seen = 0;
  home.cloudflare.onRequest = (entry) => {
    if (entry.operation === operation) seen += 1;
    if (entry.operation === operation && seen === n) act();
    return null;
  };
}

function write(home: RemoteFixture, sql: string): void {
  using db = home.database.open();
  db.exec(sql);
}

describe("importDatabase", () => {
  test("uploads and runs the file, and returns the result", async () => {
    const home = await shop({ pace: { polls: 3 } });
    const start = home.database.bookmark();
    const said: string[] = [];
    const begun: string[] = [];
    const imported = await importDatabase(home.remote, fileOf(SQL), {
      onProgress: (messages) => said.push(...messages),
      onBegin: (bookmark) => begun.push(bookmark),
    });
    expect(imported).toEqual({
      bookmarkBefore: start,
      finalBookmark: home.database.bookmark(),
      uploaded: true,
      queries: 4,
      durationMs: expect.any(Number),
      rowsRead: expect.any(Number),
      rowsWritten: 2,
      sizeAfter: expect.any(Number),
    });
    expect(begun).toEqual([start]);
    expect(said).toEqual(["Starting import...", ...Array(3).fill("Processed 4 queries.")]);
    expect(rows(home)).toBe(2);
    expect(home.cloudflare.operations()).toEqual([
      "d1.timeTravel.bookmark",
      "d1.import",
      "d1.import",
      "d1.import.upload",
      "d1.timeTravel.bookmark",
      "d1.import",
      "d1.import",
      ...Array(3).fill("d1.import"),
    ]);
    const upload = home.cloudflare.log.find(({ operation }) => operation === "d1.import.upload");
    expect(upload?.userAgent).not.toContain("d1ops");
  });

  test("runs a file that the service already has without another upload", async () => {
    const home = await shop();
    const path = fileOf(SQL);
    await importDatabase(home.remote, path);
    const between = home.database.bookmark();
    const again = await importDatabase(home.remote, path);
    expect(again).toMatchObject({ bookmarkBefore: between, uploaded: false });
    expect(rows(home)).toBe(4);
    expect(home.cloudflare.operations().filter((name) => name.endsWith("upload"))).toHaveLength(1);
  });

  test("returns a bookmark that restores the state before the import", async () => {
    const home = await shop();
    const { bookmarkBefore } = await importDatabase(home.remote, fileOf(SQL));
    await home.d1("POST", `/time_travel/restore?bookmark=${bookmarkBefore}`);
    expect(rows(home)).toBe(0);
  });

  test("fails with the reason after Cloudflare restored the database", async () => {
    const home = await shop();
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(`${SQL}SELEC;`)));
    expectError(outcome, "TRANSFER_FAILED", /near "SELEC": syntax error/);
    expect(rows(home)).toBe(0);
  });

  test("sends BEGIN, which the service rejects", async () => {
    const home = await shop();
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(`BEGIN;${SQL}COMMIT;`)));
    expectError(outcome, "TRANSFER_FAILED", /BEGIN TRANSACTION/);
    expect(rows(home)).toBe(0);
  });

  test.each([
    ["a database", "SQLite format 3\0 and more", /is a database/],
    ["an empty file", "", /is empty/],
  ])("rejects %s before any call", async (_, content, message) => {
    const home = await shop();
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(content)));
    expectError(outcome, "TRANSFER_FAILED", message);
    expect(home.cloudflare.log).toEqual([]);
  });

  test("rejects a missing file before any call", async () => {
    const home = await shop();
    const work = importDatabase(home.remote, join(folder(), "none.sql"));
    expectError(await outcomeOf(work), "TRANSFER_FAILED", /cannot be read/);
    expect(home.cloudflare.log).toEqual([]);
  });

  test("does not run a file that changes during the import", async () => {
    const home = await shop();
    const path = fileOf(SQL);
    before(home, "d1.import", 2, () => writeFileSync(path, "DROP TABLE t;"));
    const outcome = await outcomeOf(importDatabase(home.remote, path));
    expectError(outcome, "TRANSFER_FAILED", /has changed while it was read/);
    expect(rows(home)).toBe(0);
    expect(home.cloudflare.operations().filter((name) => name === "d1.import")).toHaveLength(2);
  });

  test.each([
    ["another ETag", 200, { ETag: '"0123456789abcdef0123456789abcdef"' }],
    ["no ETag", 200, {}],
    ["another status of success", 201, { ETag: md5(SQL) }],
  ])("does not run the file if the answer to the upload has %s", async (_, status, headers) => {
    const home = await shop();
    const operation = "d1.import.upload";
    home.cloudflare.order({ kind: "status", when: "after", operation, status, body: "", headers });
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "TRANSFER_FAILED", /was damaged during the upload/);
    expect(rows(home)).toBe(0);
    expect(home.cloudflare.operations().at(-1)).toBe("d1.import.upload");
  });

  test("accepts an ETag with or without quotes", async () => {
    const home = await shop();
    const headers = { ETag: md5(SQL).toUpperCase() };
    const operation = "d1.import.upload";
    home.cloudflare.order({
      kind: "status",
      when: "after",
      operation,
      status: 200,
      body: "",
      headers,
    });
    await importDatabase(home.remote, fileOf(SQL));
    expect(rows(home)).toBe(2);
  });

  test("fails if storage rejects the upload address", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "status", status: 403, operation: "d1.import.upload", body: "" });
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "TRANSFER_FAILED", /not touched/);
    expect(rows(home)).toBe(0);
  });

  test.each(["export", "import"])(
    "waits until an %s of another program has ended",
    async (other) => {
      const home = await shop({ pace: { patienceMs: 5000 } });
      followClock(home);
      if (other === "export") await home.d1("POST", "/export", { output_format: "polling" });
      else await beginOther(home);
      await importDatabase(home.remote, fileOf(SQL), { waitMs: 1e9 });
      expect(rows(home)).toBe(other === "export" ? 2 : 3);
      expect(home.clock.slept).toContain(2000);
    },
  );

  test("stops waiting after waitMs", async () => {
    const home = await shop({ pace: { polls: 1_000_000 } });
    await beginOther(home);
    const work = importDatabase(home.remote, fileOf(SQL), { waitMs: 10_000 });
    expectError(await outcomeOf(work), "TRANSFER_FAILED", /Another (?:export|import) of/);
    expect(rows(home)).toBe(1);
  });

  test("has an unknown outcome if polling fails, and followImport resumes it", async () => {
    const home = await shop({ pace: { polls: 20 } });
    const begun: string[] = [];
    const outcome = await outcomeOf(
      importDatabase(home.remote, fileOf(SQL), {
        limitMs: 1000,
        onBegin: (bookmark) => begun.push(bookmark),
      }),
    );
    expectError(outcome, "OUTCOME_UNKNOWN", /does not know how the import ended/);
    expect(outcome).toMatchObject({ hint: expect.stringContaining(String(begun[0])) });
    expect(await followImport(home.remote, String(begun[0]))).toMatchObject({ queries: 4 });
    expect(rows(home)).toBe(2);
  });

  test("ends with INTERRUPTED and reports that the import continues", async () => {
    const interrupt = new AbortController();
    const home = await shop({ pace: { polls: 1_000_000 } }, { signal: interrupt.signal });
    const start = home.database.bookmark();
    const work = importDatabase(home.remote, fileOf(SQL), { onBegin: () => interrupt.abort() });
    const outcome = await outcomeOf(work);
    expectError(outcome, "INTERRUPTED", /Cloudflare continues the import/);
    expect(outcome).toMatchObject({ hint: expect.stringContaining(start) });
  });

  test.each([
    ["changed", "INSERT INTO t VALUES(1);", "OUTCOME_UNKNOWN", /has changed since/],
    ["is unchanged", "SELECT 1;", "TRANSFER_FAILED", /database is unchanged/],
  ] as const)(
    "fails for an import that the service has forgotten, if the database %s",
    async (_, sql, code, message) => {
      const home = await shop();
      home.cloudflare.order({
        kind: "malformed",
        operation: "d1.import",
        skip: 4,
        body: `{"success":true,"result":{"success":false,"error":"Not currently importing anything."}}`,
      });
      expectError(await outcomeOf(importDatabase(home.remote, fileOf(sql))), code, message);
    },
  );

  test.each([
    ["empty", {}],
    ["a name alone", { success: true, filename: "x.sql" }],
    ["an address alone", { success: true, upload_url: "http://127.0.0.1/x" }],
    ["no address", { success: true, filename: "x.sql", upload_url: 7 }],
  ])("fails if the answer is %s", async (_, result) => {
    const home = await shop();
    const body = JSON.stringify({ success: true, result });
    home.cloudflare.order({ kind: "malformed", operation: "d1.import", skip: 1, body });
    expectError(await outcomeOf(importDatabase(home.remote, fileOf(SQL))), "API_REFUSED");
    expect(rows(home)).toBe(0);
  });

  test.each([
    [{ success: false, error: "no room" }, /no room/],
    [{ success: true, status: "error", errors: ["a", "b"] }, /a; b/],
  ])("fails with the reason in the answer: %j", async (result, message) => {
    const home = await shop();
    const body = JSON.stringify({ success: true, result });
    home.cloudflare.order({
      kind: "malformed",
      when: "before",
      operation: "d1.import",
      skip: 3,
      body,
    });
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "TRANSFER_FAILED", message);
  });
});

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** An import that is never polled. */
async function beginOther(
  home: RemoteFixture,
  sql = "INSERT INTO t VALUES('other');",
): Promise<void> {
  const etag = md5(sql);
  const { body } = await home.d1("POST", "/import", { action: "init", etag });
  const { filename, upload_url } = body.result as { filename: string; upload_url: string };
  await fetch(upload_url, { method: "PUT", body: sql });
  await home.d1("POST", "/import", { action: "ingest", etag, filename });
}

describe("importDatabase after a lost answer", () => {
  const LAST = "d1.import";

  /** d1ops sends four requests: read, init, read, ingest. `ingest` makes the service run the file. The polls follow. */
  const INGEST = 3;

  test.each([2, 9])(
    "finds the import that ingest has started, and polls it to its end (%i polls)",
    async (polls) => {
      const home = await shop({ pace: { polls } });
      home.cloudflare.order({ kind: "cut", when: "after", operation: LAST, skip: INGEST });
      const start = home.database.bookmark();
      const imported = await importDatabase(home.remote, fileOf(SQL));
      expect(imported).toMatchObject({ bookmarkBefore: start, queries: 4, uploaded: true });
      expect(rows(home)).toBe(2);
    },
  );

  test("fails with OUTCOME_UNKNOWN if the service has forgotten the ended import, and does not run the file again", async () => {
    const home = await shop({ pace: { patienceMs: 0 } });
    home.cloudflare.order({ kind: "cut", when: "after", operation: LAST, skip: INGEST });
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "OUTCOME_UNKNOWN", /has changed since/);
    expect(rows(home)).toBe(2);
  });

  test("does not mistake the import of another program for its own", async () => {
    const home = await shop({ pace: { polls: 4 } });
    await beginOther(home, "SELECT 1;");
    home.cloudflare.order({ kind: "cut", when: "before", operation: LAST, skip: 1 });
    expect(await importDatabase(home.remote, fileOf(SQL))).toMatchObject({ queries: 4 });
    expect(rows(home)).toBe(2);
  });

  test("reports the reason of an import that failed at once", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "after", operation: LAST, skip: INGEST });
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(`${SQL}SELEC;`)));
    expectError(outcome, "TRANSFER_FAILED", /SELEC/);
    expect(rows(home)).toBe(0);
  });

  test("reads the bookmark three times and repeats an ingest that did not arrive", async () => {
    const home = await shop();
    home.cloudflare.order({ kind: "cut", when: "before", operation: LAST, skip: INGEST });
    await importDatabase(home.remote, fileOf(SQL));
    expect(rows(home)).toBe(2);
    expect(home.clock.slept.slice(0, 3)).toEqual([1000, 2000, 4000]);
  });

  test("fails after five lost ingests, and the database is unchanged", async () => {
    const home = await shop();
    let orders = 0;
    home.cloudflare.onRequest = ({ operation }) => {
      if (operation === LAST) orders += 1;
      // The 4th request is the first ingest. Three checks and the next ingest follow.
      const isIngest = orders >= 4 && (orders - 4) % 4 === 0;
      return operation === LAST && isIngest ? { kind: "cut", when: "before" } : null;
    };
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "TRANSFER_FAILED", /to import a file 5 times/);
    expect(rows(home)).toBe(0);
  });

  test("finds the import that init has started, because the service had the file already", async () => {
    const home = await shop({ pace: { polls: 3 } });
    const path = fileOf(SQL);
    await importDatabase(home.remote, path);
    home.cloudflare.order({ kind: "cut", when: "after", operation: LAST, skip: 1 });
    expect(await importDatabase(home.remote, path)).toMatchObject({ uploaded: false, queries: 4 });
    expect(rows(home)).toBe(4);
  });

  test("fails with OUTCOME_UNKNOWN if another program wrote meanwhile, and does not run the file again", async () => {
    const home = await shop();
    let orders = 0;
    home.cloudflare.onRequest = ({ operation }) => {
      if (operation === LAST) orders += 1;
      if (operation !== LAST || orders !== 4) return null;
      write(home, "INSERT INTO t VALUES('other')");
      return { kind: "cut", when: "before" };
    };
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
    expectError(outcome, "OUTCOME_UNKNOWN", /has changed since/);
    expect(rows(home)).toBe(1);
  });

  test.each([
    ["finds the import by its bookmark while it runs", "SELECT 1;", 1],
    // The fake runs the whole file at once, so the bookmark has moved, and only the user can decide.
    ["does not find the import after the bookmark has moved", SQL, 3],
  ])("%s, if another program wrote just before it", async (_, sql, expected) => {
    const home = await shop({ pace: { polls: 9 } });
    let orders = 0;
    home.cloudflare.onRequest = ({ operation }) => {
      if (operation === LAST) orders += 1;
      if (operation !== LAST || orders !== 4) return null;
      write(home, "INSERT INTO t VALUES('other')");
      return { kind: "cut", when: "after" };
    };
    const outcome = await outcomeOf(importDatabase(home.remote, fileOf(sql)));
    if (expected === 1) expect(outcome).toMatchObject({ queries: 1 });
    else expectError(outcome, "OUTCOME_UNKNOWN");
    expect(rows(home)).toBe(expected);
  });

  test("runs the file once if the first ingest arrives just before its repetition", async () => {
    const home = await shop({ pace: { polls: 3 } });
    const file = fileOf(SQL);
    const late = lateIngest(home, md5(SQL));
    let orders = 0;
    home.cloudflare.onRequest = ({ operation }) => {
      if (operation === LAST) orders += 1;
      // The 4th request is the delayed ingest, the 5th to 7th are checks, and the 8th is the repeated ingest. The first one arrives before it.
      return operation === LAST && orders === 4 ? { kind: "cut", when: "before" } : null;
    };
    const remote = withHook(home.remote, () => (orders === 7 ? late() : Promise.resolve()));
    await importDatabase(remote, file);
    expect(rows(home)).toBe(2);
  });

  test.each(TROUBLES.map((trouble) => [nameOf(trouble), trouble] as const))(
    "never runs the file twice after %s at any request",
    async (_, trouble) => {
      const missed: string[] = [];
      for (let request = 1; request <= 9; request += 1) {
        const home = await shop({ pace: { polls: 2 } });
        home.cloudflare.order({ ...trouble, request });
        const outcome = await outcomeOf(importDatabase(home.remote, fileOf(SQL)));
        expect(home.cloudflare.log.some(({ fault }) => fault !== null)).toBe(true);
        if (!(outcome instanceof OpsError)) {
          expect(outcome).toMatchObject({ finalBookmark: home.database.bookmark() });
          expect(rows(home)).toBe(2);
          continue;
        }
        missed.push(`${request}: ${outcome.code} ${outcome.message}`);
        expect(["API_REFUSED", "OUTCOME_UNKNOWN", "TRANSFER_FAILED"]).toContain(outcome.code);
        if (outcome.code === "TRANSFER_FAILED") expect(rows(home)).toBe(0);
        expect([0, 2]).toContain(rows(home));
      }
      // An explicit rejection, an empty answer and an upload without its ETag count as failures.
      const isPlain = trouble.kind === "refusal" || trouble.kind === "malformed";
      expect(missed).toHaveLength(isPlain ? missed.length : 0);
    },
  );
});

/** Sends the ingest of a file, like a network that has delayed it. */
function lateIngest(home: RemoteFixture, etag: string): () => Promise<void> {
  let sent = false;
  return async () => {
    if (sent) return;
    sent = true;
    const filename = `${home.database.id}.${etag}.sql`;
    await home.d1("POST", "/import", { action: "ingest", filename, etag });
  };
}

/** Runs an action after each reading of the bookmark. */
function withHook(remote: RemoteD1, hook: () => Promise<void>): RemoteD1 {
  return {
    ...remote,
    async bookmark(at) {
      const found = await remote.bookmark(at);
      await hook();
      return found;
    },
  };
}
