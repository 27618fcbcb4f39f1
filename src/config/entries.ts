/** @module Reads `d1_databases` of a config, with the checks of wrangler. */
import { invalidConfig } from "./invalid-config.ts";

const TEXTS = [
  "database_name",
  "database_id",
  "preview_database_id",
  "migrations_dir",
  "migrations_pattern",
  "migrations_table",
] as const;

/** An entry as written in the file. */
export interface DatabaseEntry extends Readonly<Partial<Record<(typeof TEXTS)[number], string>>> {
  readonly binding: string;
  readonly remote?: boolean;
}

const EXAMPLE = 'Write it like [{ "binding": "DB", "database_name": "app", "database_id": "…" }].';

/** `where` is the path of the field, for messages. An undefined field means no databases. @throws OpsError CONFIG_INVALID */
export function readDatabases(
  value: unknown,
  where: string,
  path: string,
): readonly DatabaseEntry[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) => readEntry(entry, `${where}[${index}]`, path));
  }
  const problem = `"${where}" should be a list, but is ${JSON.stringify(value)}.`;
  throw invalidConfig(path, problem, EXAMPLE);
}

/** Like wrangler, checks only the environment in use. @throws OpsError CONFIG_INVALID */
export function refuseSameBinding(entries: readonly DatabaseEntry[], path: string): void {
  const seen = new Set<string>();
  for (const { binding } of entries) {
    if (seen.has(binding)) {
      const problem = `two databases have the binding ${JSON.stringify(binding)}.`;
      throw invalidConfig(path, problem, `Give one of the two another name, like "${binding}_2".`);
    }
    seen.add(binding);
  }
}

function readEntry(value: unknown, where: string, path: string): DatabaseEntry {
  if (typeof value !== "object" || value === null) {
    const problem = `"${where}" should be an object, but is ${JSON.stringify(value)}.`;
    throw invalidConfig(path, problem, EXAMPLE);
  }
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const binding = fields["binding"];
  if (typeof binding !== "string") {
    const problem =
      binding === undefined
        ? `"${where}" has no "binding".`
        : `"${where}.binding" should be a string, but is ${JSON.stringify(binding)}.`;
    throw invalidConfig(path, problem, 'Add the name that the Worker uses: "binding": "DB".');
  }
  for (const field of ["database_internal_env", "remote"]) {
    const type = field === "remote" ? "boolean" : "string";
    if (field in fields && typeof fields[field] !== type) throw wrongType(field, type);
  }
  const entry: { -readonly [K in keyof DatabaseEntry]: DatabaseEntry[K] } = { binding };
  for (const field of TEXTS) {
    const text = fields[field];
    if (typeof text === "string") entry[field] = text;
    else if (field in fields) throw wrongType(field, "string");
  }
  if (fields["remote"] === true) entry.remote = true;
  return entry;

  function wrongType(field: string, type: "string" | "boolean"): Error {
    const problem = `"${where}.${field}" should be a ${type}, but is ${JSON.stringify(fields[field])}.`;
    const example = type === "string" ? '"…"' : "true";
    return invalidConfig(path, problem, `Write "${field}": ${example}, or remove the field.`);
  }
}
