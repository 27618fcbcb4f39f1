import { describe, expect, test } from "vitest";
import {
  type Acceptance,
  acceptancesOf,
  acceptStatements,
} from "../../src/migrations/acceptance.ts";
import { type Applied, createLedgers, NO_FILE, readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { type Allowance, allowances, planMigrations } from "../../src/migrations/plan.ts";
import { compareWithLedger, type Comparison } from "../../src/migrations/comparison.ts";
import { applied, migration } from "./make.ts";
import { database, databaseForEach, TABLE } from "./run-fixture.ts";

databaseForEach();

const one = migration("0001_one.sql");
const two = migration("0002_two.sql");
const three = migration("0003_three.sql");
const edited = migration(one.name, "CREATE TABLE edited(a);");
const moved = migration("0004_two.sql", two.text);

function accepts(
  folder: readonly Migration[],
  ledger: readonly Applied[],
  allow: readonly Allowance[],
  to: Migration | null = null,
): Acceptance[] {
  const allowed = new Set(allow);
  const comparison = compareWithLedger(folder, ledger);
  return acceptancesOf(planMigrations({ comparison, to, allow: allowed }, folder), allowed);
}

describe("acceptancesOf returns only what the run allows", () => {
  const except = (kind: Allowance): Allowance[] => allowances.filter((each) => each !== kind);
  const changed = { folder: [edited, three], ledger: [applied(1, one)] };
  const missing = { folder: [one, three], ledger: [applied(1, one), applied(2, two)] };
  const renamed = { folder: [one, three, moved], ledger: [applied(1, one), applied(2, two)] };
  const late = { folder: [one, two, three], ledger: [applied(1, one), applied(2, three)] };

  test.each([
    [
      "an edited file, with its new checksum",
      changed,
      [{ name: one.name, checksum: edited.checksum }],
    ],
    ["a missing file", missing, [{ name: two.name, checksum: NO_FILE }]],
    ["the old name of a renamed file", renamed, [{ name: two.name, checksum: NO_FILE }]],
    ["nothing for a late migration", late, []],
  ] as const)("returns what --allow accepts: %s", (_, { folder, ledger }, expected) => {
    const [problem] = planMigrations(
      { comparison: compareWithLedger(folder, ledger), to: null, allow: new Set() },
      folder,
    ).problems;
    const kind = allowances.find((each) => each === problem?.kind);
    if (kind === undefined) throw new Error("the case has no problem that can be allowed");
    expect(accepts(folder, ledger, [kind])).toEqual(expected);
    expect(accepts(folder, ledger, except(kind))).toEqual([]);
  });

  test("does not accept the old name of a renamed file that --to excludes", () => {
    expect(accepts(renamed.folder, renamed.ledger, ["renamed"], three)).toEqual([]);
  });
});

describe("recordAcceptances", () => {
  const author = { appliedBy: "zoe@example", commit: "abc123", tool: "d1ops 0.0.0" };
  const record = async (table: string, acceptances: readonly Acceptance[]): Promise<void> => {
    await database.d1.batch([
      ...createLedgers(database.d1, table),
      ...acceptStatements(database.d1, table, acceptances, author),
    ]);
  };
  const appliedByWrangler = async (table: string): Promise<void> => {
    await database.d1.prepare(`INSERT INTO ${table}(name) VALUES (?)`).bind(one.name).run();
  };

  test("records who accepted which text, and when, by the database's clock", async () => {
    await record(TABLE, [{ name: one.name, checksum: "text" }]);
    await appliedByWrangler(TABLE);
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      {
        record: null,
        accepted: {
          checksum: "text",
          by: "zoe@example",
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      },
    ]);
    const { results } = await database.d1
      .prepare("SELECT git_commit, tool FROM d1ops_migrations")
      .all();
    expect(results).toEqual([{ git_commit: "abc123", tool: "d1ops 0.0.0" }]);
  });

  test("replaces an acceptance with that of a later text", async () => {
    await record(TABLE, [{ name: one.name, checksum: "first" }]);
    await record(TABLE, [{ name: one.name, checksum: "second" }]);
    await appliedByWrangler(TABLE);
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      { accepted: { checksum: "second" } },
    ]);
  });

  test("records an acceptance for one ledger of the database", async () => {
    await record(TABLE, [{ name: one.name, checksum: "text" }]);
    await record("other", []);
    await appliedByWrangler("other");
    const [row] = await readLedger(database.d1, "other");
    expect(row).toMatchObject({ name: one.name, record: null });
    expect(row?.accepted).toBeUndefined();
  });
});

describe("compareWithLedger of an accepted file", () => {
  const accepted = (row: Applied, checksum: string): Applied => ({
    ...row,
    accepted: { checksum, at: "2026-01-02T03:04:05.000Z", by: null },
  });
  const names = (comparison: Comparison): Record<string, string[]> => ({
    changed: comparison.changed.map(({ migration: { name } }) => name),
    missing: comparison.missing.map(({ name }) => name),
    accepted: comparison.accepted.map(({ name }) => name),
  });

  test("reports a file accepted as edited neither as changed nor as missing", () => {
    const row = accepted(applied(1, one), edited.checksum);
    const comparison = compareWithLedger([edited], [row]);
    expect(names(comparison)).toEqual({ changed: [], missing: [], accepted: [one.name] });
    expect(comparison.accepted).toEqual([
      { name: one.name, migration: edited, accepted: row.accepted },
    ]);
  });

  test("reports a file accepted as deleted neither as changed nor as missing", () => {
    const row = accepted(applied(1, one), NO_FILE);
    const comparison = compareWithLedger([], [row]);
    expect(names(comparison)).toEqual({ changed: [], missing: [], accepted: [one.name] });
    expect(comparison.accepted).toEqual([
      { name: one.name, migration: null, accepted: row.accepted },
    ]);
  });

  test("treats a file accepted as deleted like any other when it returns, if only wrangler applied it", () => {
    expect(names(compareWithLedger([one], [accepted(applied(1, one, null), NO_FILE)]))).toEqual({
      changed: [],
      missing: [],
      accepted: [],
    });
  });

  test("treats an accepted file like any other once it was applied again with that text", () => {
    expect(
      names(compareWithLedger([edited], [accepted(applied(1, edited), edited.checksum)])),
    ).toEqual({ changed: [], missing: [], accepted: [] });
  });

  test("reports a file accepted as deleted as changed when it returns with another text", () => {
    expect(names(compareWithLedger([edited], [accepted(applied(1, one), NO_FILE)]))).toEqual({
      changed: [one.name],
      missing: [],
      accepted: [],
    });
  });

  test("reports a file accepted as edited as missing once it is deleted", () => {
    expect(names(compareWithLedger([], [accepted(applied(1, one), edited.checksum)]))).toEqual({
      changed: [],
      missing: [one.name],
      accepted: [],
    });
  });

  test("reports a file accepted as deleted as renamed if a pending file has its text", () => {
    const comparison = compareWithLedger(
      [one, moved],
      [applied(1, one), accepted(applied(2, two), NO_FILE)],
    );
    expect(names(comparison)).toEqual({ changed: [], missing: [], accepted: [] });
    expect(comparison.renamed).toEqual([{ from: two.name, to: moved }]);
  });
});
