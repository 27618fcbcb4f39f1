/** @module What has changed since an earlier inventory, or differs from the tables that a project expects. Pure. */
import type { Finding } from "../report/report.ts";
import { count, listed } from "../report/wording.ts";
import { moment } from "../snapshots/report/snapshot-words.ts";
import { sameIdentifier } from "../sql/quote.ts";
import type { EarlierInventory, EarlierObject } from "./earlier-inventory.ts";
import type { Inventory, InventoryObject } from "./inventory.ts";
import { isOfProject } from "./object-class.ts";

/** Findings for each table that is expected and missing, or there and not expected. `tables`: the names of all application tables. */
export function expectedFindings({ objects }: Inventory, tables: readonly string[]): Finding[] {
  const present = objects.filter((one) => one.class === "application").map(({ name }) => name);
  const missing = tables.filter((name) => !isAmong(present, name));
  const unexpected = present.filter((name) => !isAmong(tables, name));
  const twice = tables.filter(
    (name, at) => tables.findIndex((one) => sameIdentifier(one, name)) < at,
  );
  return [
    ...missing.map((name) => missingFinding(name, "audit.tables of d1ops.jsonc names it")),
    ...unexpected.map((table): Finding => ({
      rule: "table-unexpected",
      level: "error",
      message: `The table ${table} is not among the expected ones.`,
      help: `Add it to audit.tables of d1ops.jsonc: ${JSON.stringify(table)}`,
      table,
    })),
    ...twice.map((table): Finding => ({
      rule: "table-twice",
      level: "warning",
      message: `audit.tables of d1ops.jsonc names ${table} twice.`,
      help: "Remove one of the two names.",
      table,
    })),
  ];
}

/** Tables that are missing, renamed or new since then, and those that have fewer rows. */
export function changeFindings({ objects }: Inventory, earlier: EarlierInventory): Finding[] {
  const since = `the inventory of ${moment(earlier.measuredAt)} has it`;
  const gone = earlier.tables.filter(({ name }) => !objects.some((one) => isSame(one, name)));
  const created = objects.filter(
    (one) => isOfProject(one) && !earlier.tables.some(({ name }) => isSame(one, name)),
  );
  const renamed = gone.flatMap((from) => {
    const to = renamedTo(from, gone, created);
    return to === null ? [] : [{ from, to }];
  });
  const isRenamed = (name: string): boolean =>
    renamed.some(({ from, to }) => from.name === name || to.name === name);
  return [
    ...gone.filter(({ name }) => !isRenamed(name)).map(({ name }) => missingFinding(name, since)),
    ...renamed.map(({ from, to }): Finding => {
      const message = `${to.name} has the columns of ${from.name}, which is gone: it was probably renamed.`;
      const data = { from: from.name, to: to.name };
      return { rule: "table-renamed", level: "warning", message, table: to.name, data };
    }),
    ...created
      .filter(({ name }) => !isRenamed(name))
      .map(({ name }): Finding => {
        const message = `The table ${name} is new since ${moment(earlier.measuredAt)}.`;
        return { rule: "table-new", level: "info", message, table: name };
      }),
    ...objects.flatMap((one) => fewerRows(one, earlier)),
  ];
}

function missingFinding(table: string, why: string): Finding {
  const message = `The table ${table} is missing: ${why}.`;
  return { rule: "table-missing", level: "error", message, table };
}

/** Tables with the same columns. Null if several could be it. */
function renamedTo(
  from: EarlierObject,
  gone: readonly EarlierObject[],
  created: readonly InventoryObject[],
): InventoryObject | null {
  const columns = listed(from.columnNames);
  if (columns === "" || gone.filter((one) => listed(one.columnNames) === columns).length > 1)
    return null;
  const [only = null, ...others] = created.filter((one) => listed(one.columnNames) === columns);
  return others.length === 0 ? only : null;
}

function fewerRows(one: InventoryObject, earlier: EarlierInventory): Finding[] {
  const before = earlier.tables.find(({ name }) => isSame(one, name))?.rows ?? null;
  if (!isOfProject(one) || one.rows === null || before === null || one.rows >= before) return [];
  const lost = before - one.rows;
  return [
    {
      rule: "rows-fewer",
      level: "warning",
      message: `${one.name} has ${count(lost, "row")} fewer than on ${moment(earlier.measuredAt)}: ${count(one.rows, "row")} instead of ${count(before, "row")}.`,
      table: one.name,
      data: { before, rows: one.rows },
    },
  ];
}

function isSame({ name }: InventoryObject, other: string): boolean {
  return sameIdentifier(name, other);
}

function isAmong(names: readonly string[], name: string): boolean {
  return names.some((one) => sameIdentifier(one, name));
}
