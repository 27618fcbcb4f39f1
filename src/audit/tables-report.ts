/** @module The report of `audit tables`. */
import { command, offer } from "../report/command.ts";
import { type Body, step } from "../report/report-body.ts";
import type { Check, Finding, Json, Step } from "../report/report.ts";
import { count, grouped, listed } from "../report/wording.ts";
import { moment, size } from "../snapshots/report/snapshot-words.ts";
import { countsByClass, type Inventory, type InventoryObject } from "./inventory.ts";
import { type ObjectClass, objectClasses } from "./object-class.ts";

const CLASSES: Readonly<Record<ObjectClass, string>> = {
  application: "application table",
  ledger: "ledger",
  platform: "platform table",
  sqlite: "table of SQLite",
  shadow: "shadow table",
  view: "view",
};

/** What the inventory was compared with, and what that found. */
export interface Audited {
  readonly inventory: Inventory;
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
}

/** Outcome `problems` if a check fails, a finding is an error, or the rows were not counted. */
export function tablesReport({ inventory, checks, findings: compared }: Audited): Body {
  const { objects, bytes, measuredAt, requests, rowsRead, uncounted } = inventory;
  const findings = [...objects.flatMap(unreadableFinding), ...compared];
  const counts = countsByClass(objects);
  const failed =
    findings.some(({ level }) => level === "error") ||
    uncounted !== null ||
    checks.some(({ outcome }) => outcome === "fail");
  return {
    outcome: failed ? "problems" : "ok",
    summary: summary(inventory, counts),
    steps: objects.map((one) => line(one, inventory)),
    findings,
    checks,
    data: {
      measuredAt,
      bytes,
      areBytesEstimated: inventory.areBytesEstimated,
      requests,
      rowsRead,
      counts: Object.fromEntries(objectClasses.map((name) => [name, counts.get(name) ?? 0])),
      tables: objects.map(entry),
    },
  };
}

function summary(
  { objects, bytes, uncounted }: Inventory,
  counts: ReadonlyMap<ObjectClass, number>,
): string {
  if (objects.length === 0) return "The database has no tables";
  const parts = objectClasses.flatMap((name) => {
    const amount = counts.get(name) ?? 0;
    return amount === 0 ? [] : [countOf(name, amount)];
  });
  const rows = objects.reduce(
    (sum, one) => sum + (one.class === "shadow" ? 0 : (one.rows ?? 0)),
    0,
  );
  const counted = uncounted === null ? count(rows, "row") : "rows not counted";
  return `${listed(parts)}: ${counted}, ${size(bytes)}`;
}

/** `1 table of SQLite`, `2 tables of SQLite`. */
function countOf(name: ObjectClass, amount: number): string {
  return name === "sqlite" ? `${count(amount, "table")} of SQLite` : count(amount, CLASSES[name]);
}

function line(one: InventoryObject, { areBytesEstimated }: Inventory): Step {
  const parts = [
    ...(one.class === "application" ? [] : [CLASSES[one.class]]),
    ...(one.rows === null ? [] : [count(one.rows, "row")]),
    ...(one.columns === null ? [] : [count(one.columns, "column")]),
    ...(one.indexes === null
      ? []
      : [one.indexes === 1 ? "1 index" : `${grouped(one.indexes)} indexes`]),
    ...(one.bytes === null ? [] : [`${areBytesEstimated ? "about " : ""}${size(one.bytes)}`]),
    ...(one.lastWrite === null
      ? []
      : [`${one.lastWrite.column} up to ${moment(one.lastWrite.at)}`]),
    ...(one.error === null ? [] : [`cannot be read: ${one.error}`]),
  ];
  return step(one.name, one.error === null ? "done" : "failed", parts.join(", "));
}

function unreadableFinding({ name, error, query }: InventoryObject): Finding[] {
  if (error === null) return [];
  return [
    {
      rule: "table-unreadable",
      level: "error",
      message: `The rows of ${name} were not counted: ${error}.`,
      help: offer("To see whether the database is damaged", command("doctor")),
      table: name,
      data: { query },
    },
  ];
}

function entry(one: InventoryObject): { readonly [key: string]: Json } {
  return {
    name: one.name,
    class: one.class,
    rows: one.rows,
    columns: one.columns,
    columnNames: one.columnNames,
    indexes: one.indexes,
    bytes: one.bytes,
    lastWrite: one.lastWrite === null ? null : { ...one.lastWrite },
    query: one.query,
    error: one.error,
  };
}
