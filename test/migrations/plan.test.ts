import { describe, expect, test } from "vitest";
import type { Applied } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import {
  type Allowance,
  allowances,
  findMigration,
  planMigrations,
} from "../../src/migrations/plan.ts";
import { compareWithLedger } from "../../src/migrations/comparison.ts";
import { problemFinding } from "../../src/migrations/findings.ts";
import { applied, migration } from "./make.ts";

const one = migration("0001_core.sql");
const two = migration("0002_users.sql");
const three = migration("0003_orders.sql");
const four = migration("0004_items.sql");
const edited = migration("0001_core.sql", "CREATE TABLE other(a);");
const moved = migration("0005_users_renamed.sql", two.text);
const commented = migration(
  "0001_core.sql",
  `-- now with a word\n${one.text.replace("(", " (\n")}`,
);
const empty = migration("0001_nothing.sql", "-- nothing yet");
const alsoEmpty = migration("0002_nothing_either.sql", "/* nor here */");

interface Case {
  readonly says: string;
  readonly folder: readonly Migration[];
  readonly ledger: readonly Applied[];
  readonly to?: Migration;
  readonly allow?: readonly Allowance[];
  readonly runs: readonly string[];
  readonly stops?: readonly string[];
}

const cases: Case[] = [
  {
    says: "plans everything, in order, for a new database",
    folder: [one, two, three],
    ledger: [],
    runs: ["0001", "0002", "0003"],
  },
  {
    says: "does not plan an applied migration again",
    folder: [one, two],
    ledger: [applied(1, one)],
    runs: ["0002"],
  },
  {
    says: "plans nothing if all are applied",
    folder: [one, two],
    ledger: [applied(1, one), applied(2, two)],
    runs: [],
  },
  {
    says: "accepts rows of wrangler as unverified",
    folder: [one, two],
    ledger: [applied(1, one, null)],
    runs: ["0002"],
  },
  {
    says: "ends the plan with the migration of --to",
    folder: [one, two, three],
    ledger: [],
    to: two,
    runs: ["0001", "0002"],
  },
  {
    says: "plans nothing if the migration of --to is applied",
    folder: [one, two],
    ledger: [applied(1, one)],
    to: one,
    runs: [],
  },
  {
    says: "ignores changed comments and white space",
    folder: [commented, two],
    ledger: [applied(1, one)],
    runs: ["0002"],
  },
  {
    says: "stops at an edited file",
    folder: [edited, two],
    ledger: [applied(1, one)],
    runs: ["0002"],
    stops: ["changed"],
  },
  {
    says: "continues past an edited file with allow changed",
    folder: [edited, two],
    ledger: [applied(1, one)],
    allow: ["changed"],
    runs: ["0002"],
  },
  {
    says: "does not stop at an edited file if nothing is pending",
    folder: [edited],
    ledger: [applied(1, one)],
    runs: [],
  },
  {
    says: "stops at a deleted file",
    folder: [two],
    ledger: [applied(1, one)],
    runs: ["0002"],
    stops: ["missing"],
  },
  {
    says: "continues past a deleted file with allow missing",
    folder: [two],
    ledger: [applied(1, one)],
    allow: ["missing"],
    runs: ["0002"],
  },
  {
    says: "stops at a deleted file that wrangler applied",
    folder: [two],
    ledger: [applied(1, one, null)],
    runs: ["0002"],
    stops: ["missing"],
  },
  {
    says: "stops at a late migration",
    folder: [one, two, three],
    ledger: [applied(1, one), applied(2, three)],
    runs: ["0002"],
    stops: ["out-of-order"],
  },
  {
    says: "plans a late migration with allow out-of-order",
    folder: [one, two, three],
    ledger: [applied(1, one), applied(2, three)],
    allow: ["out-of-order"],
    runs: ["0002"],
  },
  {
    says: "does not stop at a late migration after --to",
    folder: [one, two, three, four],
    ledger: [applied(1, two), applied(2, four)],
    to: one,
    runs: ["0001"],
    stops: ["out-of-order"],
  },
  {
    says: "reports each late migration",
    folder: [one, two, three],
    ledger: [applied(1, three)],
    runs: ["0001", "0002"],
    stops: ["out-of-order", "out-of-order"],
  },
  {
    says: "stops at a renamed file, and reports it neither as missing nor as late",
    folder: [one, moved],
    ledger: [applied(1, one), applied(2, two)],
    runs: ["0005"],
    stops: ["renamed"],
  },
  {
    says: "reports a renamed file that sorts first as renamed, not as late",
    folder: [migration("0000_users.sql", two.text), one],
    ledger: [applied(1, one), applied(2, two)],
    runs: ["0000"],
    stops: ["renamed"],
  },
  {
    says: "plans a renamed file again with allow renamed",
    folder: [one, moved],
    ledger: [applied(1, one), applied(2, two)],
    allow: ["renamed"],
    runs: ["0005"],
  },
  {
    says: "stops at a problem that another allowance does not cover",
    folder: [edited, two, three],
    ledger: [applied(1, one), applied(2, three)],
    allow: ["changed"],
    runs: ["0002"],
    stops: ["out-of-order"],
  },
  {
    says: "does not report an empty file as the renaming of another empty file",
    folder: [alsoEmpty],
    ledger: [applied(1, empty)],
    runs: ["0002"],
    stops: ["missing"],
  },
  {
    says: "reports a file as the renaming of one row only",
    folder: [moved],
    ledger: [applied(1, two), applied(2, migration("0003_twin.sql", two.text))],
    runs: ["0005"],
    stops: ["renamed", "missing"],
  },
  {
    says: "accepts a ledger that is itself out of order",
    folder: [one, two, three],
    ledger: [applied(1, two), applied(2, one)],
    runs: ["0003"],
  },
  { says: "plans nothing for an empty folder", folder: [], ledger: [applied(1, one)], runs: [] },
];

describe("planMigrations and compareWithLedger", () => {
  test.each(cases)(
    "reports the problems and the steps: $says",
    ({ folder, ledger, to, allow, runs, stops }) => {
      const plan = planMigrations(
        { comparison: compareWithLedger(folder, ledger), to: to ?? null, allow: new Set(allow) },
        folder,
      );
      expect(plan.steps.map(({ name }) => name.slice(0, 4))).toEqual(runs);
      expect(plan.obstacles.map(({ kind }) => kind)).toEqual(stops ?? []);
    },
  );

  test("compareWithLedger reports changed, renamed, missing, unverified and pending migrations", () => {
    const comparison = compareWithLedger(
      [edited, three, moved],
      [applied(1, one), applied(2, two), applied(3, "0009_gone.sql", null)],
    );
    expect(comparison.changed.map(({ migration: { name } }) => name)).toEqual(["0001_core.sql"]);
    expect(comparison.renamed.map(({ from, to }) => [from, to.name])).toEqual([
      ["0002_users.sql", "0005_users_renamed.sql"],
    ]);
    expect(comparison.missing.map(({ name }) => name)).toEqual(["0009_gone.sql"]);
    expect(comparison.unverified).toEqual(["0009_gone.sql"]);
    expect(comparison.pending.map(({ name }) => name)).toEqual([
      "0003_orders.sql",
      "0005_users_renamed.sql",
    ]);
  });
});

describe("planMigrations", () => {
  const plan = (folder: readonly Migration[], ledger: readonly Applied[], over = {}) =>
    planMigrations(
      {
        comparison: compareWithLedger(folder, ledger),
        to: null,
        allow: new Set(allowances),
        ...over,
      },
      folder,
    );

  test("names the last applied file, after which a late one would run", () => {
    const { problems } = plan([one, two, three, four], [applied(1, one), applied(2, three)]);
    expect(problems).toEqual([{ kind: "out-of-order", migration: two, after: three.name }]);
  });

  test("stops at a backfill that is not ready, whatever is allowed", () => {
    const notReady = { backfill: "phones", reason: "it has not run", help: "Run it first." };
    const { obstacles } = plan([one, two], [], {
      notReady: new Map([[two.name, [notReady]]]),
    });
    expect(obstacles).toEqual([{ kind: "requires", migration: two, notReady, before: one.name }]);
  });

  test("stops at a misspelt directive, whatever is allowed", () => {
    const misspelt = migration("0001_core.sql", "-- d1ops:require backfill phones");
    expect(plan([misspelt], []).obstacles).toEqual([
      {
        kind: "directive",
        migration: misspelt,
        misspelt: { line: 1, text: "-- d1ops:require backfill phones" },
      },
    ]);
  });
});

describe("findMigration", () => {
  const folder = [one, two, migration("0002_twin.sql"), three, migration("nested/0007_x.sql")];
  const guess = (): string | null => "0003_orders.sql";

  test.each([
    ["0001_core.sql", "0001_core.sql"],
    ["0001_core", "0001_core.sql"],
    ["0003", "0003_orders.sql"],
    ["3", "0003_orders.sql"],
    ["nested/0007_x", "nested/0007_x.sql"],
  ])("finds the migration for %s: %s", (wanted, name) => {
    expect(findMigration(folder, wanted, guess).name).toBe(name);
  });

  test.each([
    ["0003_order", /no migration 0003_order /, /Did you mean 0003_orders.sql\?/],
    ["0002", /2 migrations have the number 0002: 0002_users.sql, 0002_twin.sql/, /./],
    ["", /no migration/, /./],
    ["0x3", /no migration 0x3 /, /./],
    [" 3", /no migration {2}3 /, /./],
  ])("throws for %j and suggests the nearest name", (wanted, message, hint) => {
    expect(() => findMigration(folder, wanted, guess)).toThrow(
      expect.objectContaining({
        code: "MIGRATION_UNKNOWN",
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  test("compares an unknown name with all names, and suggests status if none is near", () => {
    const known = folder.map(({ name }) => name);
    const asked: (readonly string[])[] = [];
    const none = (_: string, names: readonly string[]): null => {
      asked.push(names);
      return null;
    };
    expect(() => findMigration(folder, "nope", none)).toThrow(
      expect.objectContaining({
        details: { name: "nope", known },
        hint: expect.stringMatching(/^To list them:\n.*migrate status$/),
      }),
    );
    expect(asked).toEqual([known]);
  });
});

test.each([
  ["CREATE TABLE t(a);", false],
  ["CREATE TABLE IF NOT EXISTS t(a);", true],
  ["CREATE UNIQUE INDEX i ON t(a);", false],
  ["CREATE VIRTUAL TABLE t USING fts5(a);", false],
  ["UPDATE t SET a = 1;\nALTER TABLE t ADD COLUMN b;", false],
  ["DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1;", true],
  ["UPDATE t SET a = 1;", true],
])("a renamed file offers --allow-renamed only if it can run again: %s", (text, offers) => {
  const renamed = migration("0002_b.sql", text);
  const { help } = problemFinding(
    { kind: "renamed", from: "0001_b.sql", migration: renamed },
    "error",
  );
  expect(help?.includes("--allow-renamed")).toBe(offers);
});
