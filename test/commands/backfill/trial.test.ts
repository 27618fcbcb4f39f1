import { describe, expect, test } from "vitest";
import type { BackfillRunOptions } from "../../../src/commands/backfill/run.ts";
import type { Question } from "../../../src/project/project-options.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock } from "../../project/remote.ts";
import { FILL, dryRunFixture } from "./trial.ts";

/** `backfill run --remote --dry-run` runs on a copy. The database itself receives only queries and an export. */

const fixture = dryRunFixture();
const { go, projectWith } = fixture;

async function refusalOf(work: Promise<unknown>): Promise<OpsError> {
  const error = await work.then(
    (report) => report,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OpsError)) throw new TypeError(`no error of ours: ${String(error)}`);
  return error;
}

const rulesOf = ({ findings }: Report): string[] => findings.map(({ rule }) => rule);

/** Every SQL text that the fake received. */
function sent(): string[] {
  return fixture.cloudflare.log.flatMap(({ sql = [] }) => sql);
}

describe("a dry run on a copy", () => {
  test("mentions neither kept writes nor a next run if it ends early", async () => {
    const report = await go(projectWith(), { name: "0001_fill", maxQuarantined: 0 });
    expect(report).toMatchObject({ exitCode: 4, next: [] });
    expect(report.findings[0]).toMatchObject({
      rule: "limit-reached",
      message: "0001_fill has reached --max-quarantined; d1ops kept none of it.",
    });
    expect(report.findings[0]?.help).toBeUndefined();
  });

  test.each(["0001_fill", "0002_decide"])(
    "predicts what the run of %s then does, and writes nothing",
    async (name) => {
      const project = projectWith();
      const bookmark = project.database.bookmark();
      const dry = await go(project, { name });
      expect(project.database.bookmark()).toBe(bookmark);
      const writes = sent().filter(
        (sql) => !/^\s*(?:SELECT|PRAGMA \w+_(?:x?info|list))\b/.test(sql),
      );
      expect(writes).toEqual([]);
      expect(new Set(fixture.cloudflare.operations())).toEqual(
        new Set(["d1.raw", "d1.get", "d1.export", "d1.export.download"]),
      );
      const real = await go(project, { name, dryRun: false });
      const countsOf = ({ steps }: Report): unknown =>
        steps.map(({ name: step, note }) => [step, note]);
      expect(countsOf(dry)).toEqual(countsOf(real));
      const others = ({ findings }: Report): unknown =>
        findings.filter(({ rule }) => rule !== "way-back" && rule !== "quarantined");
      expect(others(dry)).toEqual(others(real));
      expect(dry.findings.map(({ rule }) => rule)).toEqual(
        real.findings.map(({ rule }) => rule).filter((rule) => rule !== "way-back"),
      );
      expect(dry.checks).toEqual([
        {
          id: "copy.exact",
          outcome: "pass",
          measured: "0 differences",
          expected: "0 differences",
          evidence: { bookmark, checked: "md5", dumpBytes: expect.any(Number), statements: 204 },
        },
        ...real.checks,
      ]);
    },
  );

  test("has the virtual tables of the database", async () => {
    const report = await go(
      projectWith("CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('red apples');"),
    );
    expect(report).toMatchObject({ exitCode: 0, checks: [{ outcome: "pass" }, {}] });
  });

  test("reports that it was a dry run", async () => {
    const project = projectWith();
    expect(await go(project)).toMatchObject({
      outcome: "changed",
      exitCode: 0,
      target: { place: "remote", database: project.database.name, id: "copy" },
      summary:
        "On a copy of the remote database that was discarded: 0001_fill: 100 rows: 59 changed, 20 already, 1 conflict, 20 invalid",
      data: { run: { dryRun: true }, jobs: [{ state: "reconciled", bookmark: null }] },
      next: [],
    });
  });

  test("continues a begun backfill at its checkpoint, without the waits of its rate", async () => {
    const project = projectWith();
    const begun = await go(project, { dryRun: false, maxRowsWritten: 1, rate: 0.25 });
    const [{ startedAt }] = begun.data["jobs"] as [{ startedAt: string }];
    expect(begun.data["jobs"]).toMatchObject([{ state: "paused", scanned: 1 }]);
    const stands = project.database.bookmark();
    const slept: number[] = [];
    const clock = { ...impatientClock(), sleep: async (ms: number) => void slept.push(ms) };
    const all = { state: "reconciled", scanned: 100 };
    const dry = await go(project, { clock });
    expect(dry.data["jobs"]).toMatchObject([{ ...all, startedAt }]);
    expect(slept.filter((ms) => ms > 2000)).toEqual([]);
    const anew = await go(project, { anew: true });
    expect(anew.data["jobs"]).toMatchObject([all]);
    expect(anew.data["jobs"]).not.toMatchObject([{ startedAt }]);
    expect(project.database.bookmark()).toBe(stands);
  });

  test("reports progress: seconds of the export, bytes of download and load", async () => {
    const told: string[] = [];
    await go(projectWith(), {
      onProgress: (done, total, label, { unit }) => told.push(`${label} ${unit} ${done}/${total}`),
    });
    expect(told.find((line) => line.startsWith("export of shop-"))).toMatch(/seconds \d+\/null$/);
    expect(told.find((line) => line.startsWith("download of shop-"))).toMatch(/bytes \d{5}\//);
    expect(told.find((line) => line.startsWith("load of the copy"))).toMatch(/bytes (\d{5})\/\1$/);
  });
});

describe("the confirmation of a dry run, which makes the database unavailable", () => {
  test.each<[string, Partial<BackfillRunOptions>, RegExp]>([
    [
      "no terminal",
      { yes: false },
      /^There is no terminal to confirm on, and --yes was not given\./,
    ],
    ["the answer no", { yes: false, ask: async () => "no" }, /^The answer was no\./],
    ["another name", { confirm: "shop" }, /^--confirm names "shop"/],
  ])("fails and prevents the export: %s", async (_, over, message) => {
    const error = await refusalOf(go(projectWith(), over));
    expect(error).toMatchObject({ code: "NOT_CONFIRMED", message: expect.stringMatching(message) });
    expect(error.message).toMatch(
      /\n- Cloudflare exports shop-\w+ \([\d,]+ bytes\) .* unavailable/,
    );
    expect(error.hint).toMatch(
      /^To take a copy for a dry run of 0001_fill without a prompt:\nnpx d1ops backfill run 0001_fill --remote .*--dry-run --(?:yes|confirm shop-\w+)\n/,
    );
    expect(error.hint.includes("--confirm")).toBe(over.confirm !== undefined);
    expect(fixture.cloudflare.operations()).not.toContain("d1.export");
  });

  test("has a prompt with the database and the effect on other clients", async () => {
    const asked: Question[] = [];
    const ask = async (question: Question): Promise<"yes"> => {
      asked.push(question);
      return "yes";
    };
    const report = await go(projectWith(), { yes: false, ask });
    expect(report.exitCode).toBe(0);
    expect(asked).toEqual([{ type: null, text: expect.any(String) }]);
    expect(asked[0]?.text).toMatch(
      /^About to take a copy for a dry run of 0001_fill on the remote database:\n {2}database {5}shop-/,
    );
    expect(asked[0]?.text).toMatch(
      /\n {2}! Cloudflare exports .* The database is unavailable until the export is done\./,
    );
  });
});

describe("an obstacle", () => {
  const later = FILL.replace("-- d1ops:key", "-- d1ops:after 0009_later.sql\n-- d1ops:key");
  test.each<[string, Partial<BackfillRunOptions>, string, Record<string, string>, string, RegExp]>([
    ["an unknown name", { name: "0009" }, "BACKFILL_UNKNOWN", {}, "", /no backfill 0009/],
    [
      "a migration that is not applied",
      {},
      "BACKFILL_NOT_READY",
      { "migrations/backfills/0001_fill.sql": later },
      "",
      /after 0009_later\.sql, which is not applied/,
    ],
    [
      "a missing source",
      {},
      "BACKFILL_NOT_READY",
      { "migrations/backfills/0001_fill.sql": FILL.replace("source t", "source u") },
      "",
      /its source cannot be read/,
    ],
    [
      "a key that is not unique",
      {},
      "BACKFILL_NOT_READY",
      { "migrations/backfills/0001_fill.sql": FILL.replace("key id", "key n") },
      "",
      /its key is not unique/,
    ],
    [
      "a NUL in a text",
      {},
      "TRANSFER_FAILED",
      {},
      "UPDATE t SET note = 'a' || char(0) WHERE id = 3",
      /texts with a NUL character .* \(t\.note\)/,
    ],
  ])("is reported before the export: %s", async (_, over, code, files, more, message) => {
    const error = await refusalOf(go(projectWith(more, files), over));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(fixture.cloudflare.operations()).not.toContain("d1.export");
  });

  test("is reported before the export if the file was edited after the backfill began", async () => {
    const project = projectWith();
    await go(project, { dryRun: false, maxRowsWritten: 1 });
    project.write("migrations/backfills/0001_fill.sql", FILL.replace("n + 1", "n + 2"));
    const error = await refusalOf(go(project));
    expect(error).toMatchObject({ code: "BACKFILL_NOT_READY" });
    expect(fixture.cloudflare.operations()).not.toContain("d1.export");
    expect((await go(project, { anew: true })).exitCode).toBe(0);
  });

  test("is reported before the export if another process runs the backfill", async () => {
    const project = projectWith();
    await go(project, { dryRun: false, maxRowsWritten: 1 });
    const db = project.database.open();
    db.exec(
      "UPDATE d1ops_backfills SET state = 'running', updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    );
    db.close();
    expect(await refusalOf(go(project))).toMatchObject({ code: "BACKFILL_HELD" });
    expect(fixture.cloudflare.operations()).not.toContain("d1.export");
  });
});

describe("differences between the copy and the database", () => {
  test("are findings, and the check does not pass", async () => {
    const more = `UPDATE t SET note = 9007199254740993 WHERE id = 2; UPDATE t SET note = 1.0 WHERE id IN (3, 4);
UPDATE t SET note = 9e999 WHERE id = 5`;
    const report = await go(projectWith(more));
    const differences = report.findings.filter(({ rule }) => rule === "copy-differs");
    expect(differences).toMatchObject([
      {
        level: "warning",
        table: "t",
        message: expect.stringMatching(/t\.note, 1 row: integers beyond 2\^53 are rounded\.$/),
      },
      {
        level: "warning",
        table: "t",
        message: expect.stringMatching(/t\.note, 2 rows: 1\.0 is written as 1 and comes back/),
      },
    ]);
    expect(report.checks[0]).toMatchObject({ outcome: "warn", measured: "2 differences" });
    expect(report.exitCode).toBe(0);
  });

  test("are explained if the copy cannot be loaded because the export made two keys equal", async () => {
    const more = "INSERT INTO t(id) VALUES (9007199254740992), (9007199254740993)";
    const error = await refusalOf(go(projectWith(more)));
    expect(error).toMatchObject({
      code: "TRANSFER_FAILED",
      message: expect.stringMatching(/statement \d+ \(INSERT INTO "t" .* VALUES …\): UNIQUE/),
      hint: expect.stringContaining("two keys may become one"),
    });
  });

  test("include rows without their parents", async () => {
    const report = await go(
      projectWith("PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (500, 500), (501, 501)"),
    );
    expect(report.findings.find(({ rule }) => rule === "copy-orphans")).toMatchObject({
      table: "child",
      message: "In the copy, child has 2 rows without a parent row.",
    });
  });

  test("are reported as not checked, and the run continues, if d1ops could not look for them", async () => {
    fixture.cloudflare.onRequest = ({ sql = [] }) =>
      sql.some((text) => text.includes("9e999")) ? { kind: "refusal" } : null;
    const report = await go(projectWith());
    expect(report.checks[0]).toMatchObject({
      id: "copy.exact",
      outcome: "not-checked",
      evidence: { reason: expect.any(String) },
    });
    expect(report.data["jobs"]).toMatchObject([{ scanned: 100 }]);
  });
});

describe("a remote dry run that Ctrl-C interrupts", () => {
  test("exits with 130 at any request, writes nothing and keeps no copy", async () => {
    await go(projectWith());
    const requests = fixture.cloudflare.log.length;
    const exportAt = fixture.cloudflare.operations().indexOf("d1.export") + 1;
    const codes: unknown[] = [];
    for (let at = 1; at <= requests; at += 1) {
      const project = projectWith();
      const bookmark = project.database.bookmark();
      const interruption = new AbortController();
      fixture.cloudflare.log.length = 0;
      fixture.cloudflare.onRequest = (_, n) => {
        if (n === at) interruption.abort();
        return null;
      };
      const { signal } = interruption;
      const clock = impatientClock();
      const outcome = await go(project, {
        signal,
        clock: {
          ...clock,
          async sleep(ms) {
            signal.throwIfAborted();
            await clock.sleep(ms);
          },
        },
      }).catch((error: unknown) => error);
      codes.push(outcome instanceof OpsError ? outcome.code : outcome);
      // An interrupted run starts no export, because the export blocks other clients.
      const begun = fixture.cloudflare.operations().includes("d1.export");
      expect(begun, `request ${at}`).toBe(at >= exportAt);
      expect(project.database.bookmark(), `request ${at}`).toBe(bookmark);
      expect(fixture.copies(), `request ${at}`).toEqual([]);
    }
    expect(codes).toEqual(codes.map(() => "INTERRUPTED"));
  });

  test("exits with 130 while it runs on the copy, and keeps no copy", async () => {
    const interruption = new AbortController();
    const report = await go(projectWith(), {
      signal: interruption.signal,
      onProgress: (_, __, label) => {
        if (label.startsWith("0001_fill")) interruption.abort();
      },
    });
    expect(report).toMatchObject({
      exitCode: 130,
      outcome: "partial",
      data: { jobs: [{ windows: 1 }] },
    });
    expect(rulesOf(report)).toContain("interrupted");
  });
});
