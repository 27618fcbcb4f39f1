/** @module An earlier inventory: the JSON report of `audit tables`. */
import { isOfProject, type ObjectClass, objectClasses } from "./object-class.ts";

export interface EarlierObject {
  readonly name: string;
  readonly class: ObjectClass;
  readonly rows: number | null;
  readonly columnNames: readonly string[];
}

export interface EarlierInventory {
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly bytes: number;
  /** The application tables and views. */
  readonly tables: readonly EarlierObject[];
}

/** Null if the text is not such a report. */
export function parseInventory(text: string): EarlierInventory | null {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return null;
  }
  const data = valueAt(report, "data");
  const [measuredAt, bytes] = [valueAt(data, "measuredAt"), valueAt(data, "bytes")];
  const tables = valueAt(data, "tables");
  const isReport =
    valueAt(report, "command") === "audit tables" &&
    typeof measuredAt === "string" &&
    !Number.isNaN(Date.parse(measuredAt)) &&
    typeof bytes === "number" &&
    Array.isArray(tables);
  if (!isReport) return null;
  const objects = tables.map(objectOf).filter((one) => one !== null);
  if (objects.length < tables.length) return null;
  return { measuredAt, bytes, tables: objects.filter(isOfProject) };
}

function objectOf(value: unknown): EarlierObject | null {
  const [name, rows, columns] = [
    valueAt(value, "name"),
    valueAt(value, "rows"),
    valueAt(value, "columnNames"),
  ];
  const ofClass = objectClasses.find((one) => one === valueAt(value, "class"));
  if (typeof name !== "string" || ofClass === undefined) return null;
  if (rows !== null && typeof rows !== "number") return null;
  const columnNames = Array.isArray(columns) ? columns.map(String) : [];
  return { name, class: ofClass, rows, columnNames };
}

function valueAt(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
