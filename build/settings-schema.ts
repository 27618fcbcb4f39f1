/**
 * The JSON schema of `d1ops.jsonc`, made of the table of settings. `npm run fix` writes it to `d1ops.schema.json`, and a test compares the
 * two.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyKind } from "../src/options/kinds.ts";
import { FILE, SETTINGS } from "../src/known-settings.ts";

export const SCHEMA_PATH: string = join(import.meta.dirname, "../d1ops.schema.json");

export function settingsSchema(): string {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "The settings of d1ops",
    allowTrailingCommas: true,
    ...schemaOf(FILE, []),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function schemaOf(kind: AnyKind, path: readonly string[]): object {
  const { shape, entries, items, schema } = kind;
  const about = Object.entries(SETTINGS).find(([name]) => name === path.join("."))?.[1].about;
  const keys = Object.entries(shape ?? {});
  const required = keys.flatMap(([key, inner]) => (inner.optional ? [] : [key]));
  const properties = keys.map(([key, inner]) => [key, schemaOf(inner, [...path, key])]);
  return {
    ...(about !== undefined && { description: about }),
    ...schema,
    ...(items !== null && { items: schemaOf(items, []) }),
    ...(shape !== null && {
      properties: Object.fromEntries(properties),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    }),
    ...(entries !== null && {
      propertyNames: { pattern: entries.key.source },
      additionalProperties: schemaOf(entries.kind, []),
    }),
  };
}

if (import.meta.main) writeFileSync(SCHEMA_PATH, settingsSchema());
