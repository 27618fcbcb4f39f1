import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import * as library from "../../src/index.ts";
import { localShop, type Shop, someTenants } from "../commands/onboard/shop.ts";
import { call, type Options, refusal, writing } from "../options/calls.ts";
import { contentsOf, impatientClock, makeRemoteProject } from "./remote.ts";

const TENANT = { tenant: "acme", user: "ada", email: "ada@example.com" };

/** Steps before each step of a session, so that the step itself would write. */
const STEPS: readonly (readonly [string, Options])[] = [
  ["onboardBusiness", { company: "Acme", industry: "retail" }],
  ["onboardAgents", {}],
  ["onboardAssistant", { name: "Nia" }],
  ["onboardKnowledge", { documents: ["faq.md"] }],
  ["onboardComplete", {}],
];

/** Every other function that writes, with options with which it would write. A lease exists only remotely. */
const OTHERS: Readonly<Record<string, Options>> = {
  migrateApply: {},
  migrateNew: {},
  backfillNew: { name: "fill_more" },
  backfillRun: { anew: true },
  backfillCancel: { pause: true },
  snapshotRestore: { id: "latest" },
  clone: { from: "local", to: "file:copy.sqlite" },
  onboardInit: {},
  onboardRun: { file: "tenants.jsonl" },
  onboardStart: { ...TENANT, tenant: "other", user: "bob", email: "bob@example.com" },
};

function shop(): Shop {
  return localShop({
    "faq.md": "# Hours\n",
    "migrations/0001_b.sql": "CREATE TABLE b (id INTEGER);",
    "migrations/backfills/0001_fill.sql":
      "-- d1ops:source tenants\n-- d1ops:key id\n-- d1ops:write\nUPDATE tenants SET name = name WHERE {window};\n",
    "tenants.jsonl": someTenants(1),
  });
}

/** The rows of every table, and the names of all files. */
function contents({ dir, open }: Shop): unknown {
  const db = open();
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const rows = tables.map(({ name }) => [
    name,
    db.prepare(`SELECT * FROM "${String(name)}"`).all(),
  ]);
  db.close();
  const files = readdirSync(dir, { recursive: true }).map(String);
  return { rows, files: files.filter((file) => !/-(?:wal|shm)$/.test(file)).sort() };
}

test("each function that writes has a call in these tests", () => {
  const names = [...STEPS.map(([name]) => name), ...Object.keys(OTHERS), "migrateLock"];
  expect(names.sort()).toEqual([...writing].sort());
});

async function expectStops(made: Shop, name: string, options: Options): Promise<void> {
  // Its places are arguments.
  const common = name === "clone" ? { cwd: made.dir } : made.options;
  const all = { ...common, ...options };
  const before = contents(made);
  const signal = AbortSignal.abort();
  const ended = await Promise.resolve(call(name, { ...all, signal })).then(
    (report) => report as library.Report,
    (error: unknown) => error as library.OpsError,
  );
  expect(ended).toMatchObject("code" in ended ? { code: "INTERRUPTED" } : { exitCode: 130 });
  expect(contents(made)).toEqual(before);
  await call(name, all);
  expect(contents(made), "the same call without the signal writes").not.toEqual(before);
}

test.each(Object.entries(OTHERS))(
  "%s writes nothing if its signal was aborted before the call",
  async (name, options) => {
    const made = shop();
    if (name === "backfillCancel" || name === "backfillRun") {
      await library.onboardStart({ ...made.options, ...TENANT });
      await library.backfillRun({ ...made.options, name: "0001_fill" });
      const db = made.open();
      db.exec("UPDATE d1ops_backfills SET state = 'running', updated_at = '2026-01-01'");
      db.close();
    }
    if (name === "snapshotRestore") {
      const db = made.open();
      db.exec("CREATE TABLE lost(a)");
      await library.snapshotTake(made.options);
      db.exec("DROP TABLE lost");
      db.close();
    }
    await expectStops(made, name, options);
  },
);

test("snapshotTake writes nothing if its signal was aborted before the call", async () => {
  const made = shop();
  await expectStops(made, "snapshotTake", {});
  await expectStops(made, "snapshotTake", { files: ["faq.md"], withoutDatabase: true });
});

test("no step of a session writes anything if its signal was aborted before the call", async () => {
  const made = shop();
  const { data } = await library.onboardStart({ ...made.options, ...TENANT });
  for (const [name, options] of STEPS) {
    await expectStops(made, name, { ...options, session: Reflect.get(Object(data), "session") });
  }
});

test("migrateLock releases no lease if its signal was aborted before the call", async () => {
  const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, { "migrations/0001_a.sql": "SELECT 1;" });
  const options = {
    cwd: project.dir,
    place: "remote",
    yes: true,
    variables: cloudflare.variables(),
    clock: impatientClock(),
  } as const;
  await library.migrateApply(options);
  const db = project.database.open();
  db.exec("UPDATE d1ops_runs SET ended_at = NULL, expires_at = '9999-01-01'");
  db.close();
  const signal = AbortSignal.abort();
  const error = await refusal(() => library.migrateLock({ ...options, release: true, signal }));
  expect(error.code).toBe("INTERRUPTED");
  expect(contentsOf(project.database)).toMatchObject({ held: 1 });
  await library.migrateLock({ ...options, release: true });
  expect(contentsOf(project.database)).toMatchObject({ held: 0 });
});
