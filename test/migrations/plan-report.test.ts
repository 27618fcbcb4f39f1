import { expect, test } from "vitest";
import { compareWithLedger } from "../../src/migrations/comparison.ts";
import { type Allowance, planMigrations } from "../../src/migrations/plan.ts";
import { problemFindings } from "../../src/migrations/plan-report.ts";
import { applied, migration } from "./make.ts";

const edited = migration("0001_core.sql", "CREATE TABLE other(a);");
const late = migration("0002_users.sql");
const last = migration("0003_orders.sql");
const pending = migration("0004_items.sql");

const ACCEPTS = "Once `migrate apply` has recorded the acceptance, later runs do not stop at it.";

/** The level of each finding, and whether its help says that the run records an acceptance. */
function findings(
  allowances: readonly Allowance[],
  ran: readonly string[] = [],
  folder = [edited, late, last, pending],
): Record<string, string> {
  const allow = new Set(allowances);
  const ledger = [applied(1, "0001_core.sql"), applied(2, last)];
  const comparison = compareWithLedger(folder, ledger);
  const plan = planMigrations({ comparison, to: null, allow }, folder);
  return Object.fromEntries(
    problemFindings(plan, allow, ran).map(({ rule, level, help }) => [
      rule,
      help === ACCEPTS ? `${level}, accepted` : level,
    ]),
  );
}

test("problemFindings of a stopped plan are errors, except for what is allowed", () => {
  expect(findings([])).toEqual({ changed: "error", "out-of-order": "error" });
  expect(findings(["changed"])).toEqual({
    changed: "warning, accepted",
    "out-of-order": "error",
  });
});

test("problemFindings say that a run accepts an edit, but not that it accepts a late migration", () => {
  expect(findings(["changed", "out-of-order"])).toEqual({
    changed: "warning, accepted",
    "out-of-order": "warning",
  });
});

test("problemFindings are warnings without an acceptance if nothing is pending", () => {
  expect(findings([], [], [edited, last])).toEqual({ changed: "warning" });
});
