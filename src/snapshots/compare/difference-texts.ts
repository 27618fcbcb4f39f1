/** @module How two databases differ, each difference as the end of a sentence: `the table users has other rows`. */
import type { SchemaObject } from "../store/manifest.ts";

/** Unlike `compareSchemaTexts`, this compares the exact texts: a restored schema has those of the snapshot. */
export function schemaDifferences(
  wanted: readonly SchemaObject[],
  found: readonly SchemaObject[],
): string[] {
  const known = new Set(found.map(nameOf));
  const names = new Set(wanted.map(nameOf));
  return [
    ...differingObjects(wanted, found).map(
      (one) => `the ${nameOf(one)} ${known.has(nameOf(one)) ? "has another text" : "is missing"}`,
    ),
    ...found.filter((one) => !names.has(nameOf(one))).map((one) => notPartText(nameOf(one))),
  ];
}

/** Those of the wanted objects that `found` lacks, or has with another text. */
export function differingObjects(
  wanted: readonly SchemaObject[],
  found: readonly SchemaObject[],
): SchemaObject[] {
  const texts = new Map(found.map((one) => [nameOf(one), one.sql]));
  return wanted.filter((one) => texts.get(nameOf(one)) !== one.sql);
}

/** `table users` */
export function nameOf({ type, name }: Pick<SchemaObject, "type" | "name">): string {
  return `${type} ${name}`;
}

/** `object`: with its kind, such as `table users`. */
export function notPartText(object: string): string {
  return `the ${object} is not part of it`;
}

/** `table`: with its kind, such as `virtual table notes`. */
export function otherRowsText(table: string): string {
  return `the ${table} has other rows`;
}
