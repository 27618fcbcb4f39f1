import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { download, downloadFile } from "../../src/cloudflare/download.ts";
import { type Exported, exportDatabase } from "../../src/cloudflare/export.ts";
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

const SHOP = `CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
  CREATE INDEX by_note ON orders(note);
  INSERT INTO orders VALUES(1, 'one'), (2, 'two');`;

const ROWS = `INSERT INTO "orders" ("id","note") VALUES(1,'one');
INSERT INTO "orders" ("id","note") VALUES(2,'two');`;
const TABLE = "CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);";
const HEAD = "PRAGMA defer_foreign_keys=TRUE;";
const INDEX = "CREATE INDEX by_note ON orders(note);";
const DUMP = [HEAD, TABLE, ROWS, INDEX].join("\n");

async function shop(...args: Parameters<typeof remoteFixture>): Promise<RemoteFixture> {
  const home = await remoteFixture(...args);
  await home.query(SHOP);
  home.cloudflare.log.length = 0;
  return home;
}

async function fetched({ remote }: RemoteFixture, exported: Exported): Promise<string> {
  const into = new PassThrough();
  const [all] = await Promise.all([text(into), download(remote, exported, into)]);
  return all;
}

describe("exportDatabase", () => {
  test("polls with growing pauses until the export is complete", async () => {
    const home = await shop({ pace: { polls: 9 } });
    const heard: string[] = [];
    const begun: string[] = [];
    const exported = await exportDatabase(home.remote, {
      onProgress: (messages) => heard.push(...messages),
      onBegin: (bookmark) => begun.push(bookmark),
    });
    expect(exported).toMatchObject({
      bookmark: home.database.bookmark(),
      filename: expect.stringMatching(/\.sql$/),
    });
    expect(begun).toEqual([exported.bookmark]);
    expect(heard).toEqual(["Generating SQL dump", "Uploaded part 1", "Finished uploading"]);
    expect(home.cloudflare.operations()).toEqual(Array(10).fill("d1.export"));
    expect(home.clock.slept.slice(0, 3)).toEqual([100, 150, 225]);
    expect(Math.max(...home.clock.slept)).toBe(1000);
    expect(await fetched(home, exported)).toBe(DUMP);
  });

  test.each([
    [{ schema: false }, [HEAD, ROWS].join("\n")],
    [{ data: false }, [HEAD, TABLE, INDEX].join("\n")],
    [{ tables: ["orders"] }, [HEAD, TABLE, ROWS].join("\n")],
    [{ tables: ["orders", "by_note"], data: false }, [HEAD, TABLE, INDEX].join("\n")],
  ])("exports a part: %j", async (options, expected) => {
    const home = await shop();
    expect(await fetched(home, await exportDatabase(home.remote, options))).toBe(expected);
  });

  test("resumes after a crash with the bookmark", async () => {
    const home = await shop({ pace: { polls: 3 } });
    const { body } = await home.d1("POST", "/export", { output_format: "polling" });
    const { at_bookmark } = body.result as { at_bookmark: string };
    const exported = await exportDatabase(home.remote, { resume: at_bookmark });
    expect(await fetched(home, exported)).toBe(DUMP);
    expect(home.cloudflare.operations().filter((name) => name === "d1.export")).toHaveLength(4);
  });

  test("fails if Cloudflare has cancelled the export", async () => {
    const home = await shop({ pace: { polls: 3, patienceMs: 10 } });
    followClock(home);
    const { body } = await home.d1("POST", "/export", { output_format: "polling" });
    const { at_bookmark } = body.result as { at_bookmark: string };
    await home.clock.sleep(20);
    const outcome = await outcomeOf(exportDatabase(home.remote, { resume: at_bookmark }));
    expectError(outcome, "TRANSFER_FAILED", /knows no export .* cancels an export/);
  });

  test("waits for another export", async () => {
    const home = await shop({ pace: { patienceMs: 5000 } });
    followClock(home);
    await home.d1("POST", "/export", { output_format: "polling" });
    expect(await fetched(home, await exportDatabase(home.remote, { waitMs: 1e9 }))).toBe(DUMP);
    expect(home.clock.slept.filter((ms) => ms === 2000).length).toBeGreaterThan(1);
  });

  test("stops waiting after waitMs", async () => {
    const home = await shop();
    await home.d1("POST", "/export", { output_format: "polling" });
    const outcome = await outcomeOf(exportDatabase(home.remote, { waitMs: 10_000 }));
    expectError(outcome, "TRANSFER_FAILED", /Another export .* does not say by whom/);
    expect(home.clock.now()).toBe(10_000);
  });

  test("reports a running import as an import, not as an export", async () => {
    const home = await shop();
    home.cloudflare.order({
      kind: "malformed",
      operation: "d1.export",
      times: 99,
      body: said({ success: false, error: "Currently processing a long-running import." }),
    });
    const outcome = await outcomeOf(exportDatabase(home.remote, { waitMs: 5000 }));
    expectError(outcome, "TRANSFER_FAILED", /Another import/);
  });

  test("polls an export to its end if the answer to its start was lost, and then starts its own", async () => {
    const home = await shop({ pace: { polls: 3 } });
    home.cloudflare.order({ kind: "cut", when: "after", operation: "d1.export" });
    const exported = await exportDatabase(home.remote, { data: false });
    expect(await fetched(home, exported)).toBe([HEAD, TABLE, INDEX].join("\n"));
    // Lost; rejected; read the bookmark; three polls; started again; three polls.
    expect(home.cloudflare.operations()).toEqual([
      "d1.export",
      "d1.export",
      "d1.timeTravel.bookmark",
      ...Array(7).fill("d1.export"),
      "d1.export.download",
    ]);
  });

  test("ends after limitMs if the service never completes it", async () => {
    const home = await shop({ pace: { polls: 1_000_000 } });
    const outcome = await outcomeOf(exportDatabase(home.remote, { limitMs: 30_000 }));
    expectError(outcome, "TRANSFER_FAILED", /still running/);
    expect(home.clock.now()).toBeLessThan(32_000);
  });

  test("fails for virtual tables with a hint", async () => {
    const home = await shop();
    await home.query("CREATE VIRTUAL TABLE f USING fts5(a)");
    const outcome = await outcomeOf(exportDatabase(home.remote));
    expectError(outcome, "TRANSFER_FAILED", /Virtual Tables \(fts5\)/);
    expect(outcome).toMatchObject({ hint: expect.stringMatching(/FTS5/) });
  });

  test.each([
    ["an error as a status", { success: true, status: "error", error: "boom" }, "TRANSFER_FAILED"],
    ["an error without a reason", { success: false }, "TRANSFER_FAILED"],
    ["no bookmark", { success: true, status: "active", messages: [] }, "API_REFUSED"],
    ["no address", complete({ filename: "x.sql" }), "API_REFUSED"],
    ["no name", complete({ signed_url: "https://example.com/x" }), "API_REFUSED"],
    ["no result", { ...complete({}), result: null }, "API_REFUSED"],
    ["no address", complete({ filename: "x", signed_url: "nowhere" }), "API_REFUSED"],
    ["an odd address", complete({ filename: "x", signed_url: "file:///x" }), "TRANSFER_FAILED"],
    ["none of the expected fields", [1, 2], "API_REFUSED"],
  ] as const)("fails with an OpsError for %s", async (_, result, code) => {
    const home = await shop();
    home.cloudflare.order({ kind: "malformed", operation: "d1.export", body: said(result) });
    expectError(await outcomeOf(exportDatabase(home.remote)), code);
  });

  test("polls with the bookmark of the last answer", async () => {
    const home = await shop({ pace: { polls: 3 } });
    const active = { success: true, status: "active", at_bookmark: "another", messages: [] };
    home.cloudflare.order({
      kind: "malformed",
      operation: "d1.export",
      skip: 1,
      body: said(active),
    });
    expectError(await outcomeOf(exportDatabase(home.remote)), "TRANSFER_FAILED", /knows no export/);
  });

  test("ends with INTERRUPTED if it is interrupted", async () => {
    const interrupt = new AbortController();
    const home = await shop({ pace: { polls: 1_000_000 } }, { signal: interrupt.signal });
    const work = exportDatabase(home.remote, { onBegin: () => interrupt.abort() });
    expectError(await outcomeOf(work), "INTERRUPTED");
  });

  test.each(TROUBLES.map((trouble) => [nameOf(trouble), trouble] as const))(
    "succeeds or fails correctly after %s at any request",
    async (_, trouble) => {
      const [missed, made] = [[] as string[], 4];
      for (let request = 1; request <= made; request += 1) {
        const home = await shop({ pace: { polls: 2 } });
        home.cloudflare.order({ ...trouble, request });
        const work = exportDatabase(home.remote).then((exported) => fetched(home, exported));
        const outcome = await outcomeOf(work);
        expect(home.cloudflare.log.some(({ fault }) => fault !== null)).toBe(true);
        if (outcome === DUMP) continue;
        missed.push(`${request} ${outcome instanceof Error ? outcome.message : outcome}`);
        expectError(outcome, "API_REFUSED");
      }
      // An explicit rejection and an empty answer count as failures.
      const isPlain = trouble.kind === "refusal" || "body" in trouble;
      expect(missed).toHaveLength(isPlain ? missed.length : 0);
      expect(missed.some((one) => one.startsWith("4"))).toBe(false);
    },
  );
});

function said(result: unknown): string {
  return JSON.stringify({ success: true, errors: [], messages: [], result });
}

function complete(result: object): object {
  return { success: true, status: "complete", at_bookmark: "b", messages: [], result };
}

const BIG = Buffer.from(
  Array.from({ length: 200_000 }, (_, i) => `INSERT INTO t VALUES(${i});`).join("\n"),
);
const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

/** A server for files, like the storage of exports. Each request gets the next of `answers`; the last one repeats. */
async function storage(
  ...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}/x?signature=secret`, requests };
}

/** Sends the rest of the file, and stops after `upTo` bytes of it. */
function ranged(bytes: Buffer, upTo = Infinity, etag = `"${md5(bytes)}"`) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      ETag: etag,
      "Content-Length": rest.length,
      ...(from > 0 && { "Content-Range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    if (upTo >= rest.length) response.end(rest);
    else response.write(rest.subarray(0, upTo), () => setTimeout(() => response.destroy(), 20));
  };
}

function whole(bytes: Buffer, upTo = Infinity, etag = `"${md5(bytes)}"`) {
  const answer = ranged(bytes, upTo, etag);
  return (request: IncomingMessage, response: ServerResponse): void => {
    delete request.headers.range;
    answer(request, response);
  };
}

const plain = (url: string): Exported => ({ bookmark: "b", filename: "x.sql", url, dump: {} });

describe("download", () => {
  test("creates a file when it is complete, readable only by its owner", async () => {
    const home = await shop();
    const path = join(folder(), "shop.sql");
    const { url, requests } = await storage(ranged(BIG));
    const seen: number[] = [];
    const downloaded = await downloadFile(home.remote, plain(url), path, {
      onBytes: (bytes, total) => seen.push(bytes, total ?? -1),
    });
    expect(downloaded).toEqual({
      bytes: BIG.length,
      md5: md5(BIG),
      sha256: createHash("sha256").update(BIG).digest("hex"),
      checked: "md5",
    });
    expect(readFileSync(path).equals(BIG)).toBe(true);
    expect(seen.slice(-2)).toEqual([BIG.length, BIG.length]);
    expect(requests[0]?.headers.authorization).toBeUndefined();
    expect(requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("resumes at the byte where the connection broke", async () => {
    const home = await shop();
    const { url, requests } = await storage(
      ranged(BIG, 1_000_000),
      ranged(BIG, 2_000_000),
      ranged(BIG),
    );
    const into = new PassThrough();
    const [all] = await Promise.all([text(into), download(home.remote, plain(url), into)]);
    expect(all).toBe(BIG.toString());
    const begins = requests.map(({ headers }) => Number(headers.range?.slice(6, -1) ?? 0));
    expect(begins[0]).toBe(0);
    expect(begins[1]).toBeGreaterThan(0);
    expect(begins[2]).toBeGreaterThan(begins[1] ?? 0);
  });

  test("resumes as often as necessary while bytes arrive", async () => {
    const home = await shop();
    const { url, requests } = await storage(ranged(BIG, 400_000));
    const path = join(folder(), "shop.sql");
    expect(await downloadFile(home.remote, plain(url), path)).toMatchObject({ md5: md5(BIG) });
    expect(requests.length).toBeGreaterThan(8);
  });

  test("skips the known bytes if the server does not support ranges", async () => {
    const home = await shop();
    const { url } = await storage(whole(BIG, 1_000_000), whole(BIG, 500_000), whole(BIG));
    const into = new PassThrough();
    const [all] = await Promise.all([text(into), download(home.remote, plain(url), into)]);
    expect(all).toBe(BIG.toString());
  });

  const OTHER = Buffer.from(BIG.toString().replace("VALUES(1)", "VALUES(9)"));
  test.each([
    [
      "a proxy's page",
      (_: IncomingMessage, response: ServerResponse) => void response.end("<html>Sign in</html>"),
      ranged(BIG),
      null,
    ],
    ["another ETag", ranged(BIG, 1_000_000), ranged(OTHER), /has changed/],
    ["another beginning", whole(BIG, 1_000_000, "e"), whole(OTHER, Infinity, "e"), /begins diff/],
    ["another length", ranged(BIG, 1_000_000, "e"), whole(BIG.subarray(9), 1e9, "e"), /changed/],
    [
      "another part",
      ranged(BIG, 1_000_000),
      (request: IncomingMessage, response: ServerResponse) => {
        request.headers.range = "bytes=7-";
        ranged(BIG)(request, response);
      },
      /another part/,
    ],
    [
      "another MD5",
      ranged(BIG, Infinity, `"${md5(OTHER)}"`),
      ranged(BIG),
      /differs from Cloudflare/,
    ],
    [
      "something compressed",
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { "Content-Encoding": "br" });
        response.end("x");
      },
      ranged(BIG),
      /compressed/,
    ],
  ])("leaves no file after %s", async (_, first, second, message) => {
    const home = await shop();
    const path = join(folder(), "shop.sql");
    const { url } = await storage(first, second);
    const outcome = await outcomeOf(downloadFile(home.remote, plain(url), path));
    if (message === null) return expect(outcome).toMatchObject({ bytes: BIG.length });
    expectError(outcome, "TRANSFER_FAILED", message);
    expect(existsSync(path)).toBe(false);
  });

  test("does not compare the ETag of a multipart upload with the MD5", async () => {
    const home = await shop();
    const { url } = await storage(ranged(BIG, Infinity, `"${md5(BIG)}-2"`));
    const path = join(folder(), "shop.sql");
    expect(await downloadFile(home.remote, plain(url), path)).toMatchObject({ checked: "size" });
  });

  test("requests a new address after the old one expired", async () => {
    const home = await shop();
    const exported = await exportDatabase(home.remote);
    const stale = { ...exported, url: exported.url.replace("exports/", "exports/0") };
    expect(await fetched(home, stale)).toBe(DUMP);
    expect(home.cloudflare.operations().slice(-3)).toEqual([
      "d1.export.download",
      "d1.export",
      "d1.export.download",
    ]);
  });

  test("fails if the service returns no new address", async () => {
    const home = await shop();
    const { url, requests } = await storage((_, response) =>
      response.writeHead(403).end("<Error/>"),
    );
    const work = downloadFile(home.remote, plain(url), join(folder(), "x.sql"));
    expectError(await outcomeOf(work), "TRANSFER_FAILED", /knows no export/);
    expect(requests).toHaveLength(1);
  });

  test("fails and leaves nothing behind if the server never sends the file", async () => {
    const home = await shop();
    const { url, requests } = await storage((_, response) => response.destroy());
    const into = folder();
    const work = downloadFile(home.remote, plain(url), join(into, "x.sql"));
    expectError(await outcomeOf(work), "TRANSFER_FAILED", /0 of an unknown number of bytes/);
    expect(requests).toHaveLength(7);
    expect(readdirSync(into)).toEqual([]);
  });

  test("fails if the file cannot be written", async () => {
    const home = await shop();
    const { url } = await storage(ranged(BIG));
    const work = downloadFile(home.remote, plain(url), join(folder(), "no", "x.sql"));
    expectError(await outcomeOf(work), "FILE_UNWRITABLE");
  });

  test("ends with INTERRUPTED if it is interrupted", async () => {
    const interrupt = new AbortController();
    const home = await shop({}, { signal: interrupt.signal });
    const { url } = await storage((_, response) => {
      response.writeHead(200).write(BIG.subarray(0, 1_000_000));
      setTimeout(() => interrupt.abort(), 10);
    });
    const work = downloadFile(home.remote, plain(url), join(folder(), "x.sql"));
    expectError(await outcomeOf(work), "INTERRUPTED");
  });
});
