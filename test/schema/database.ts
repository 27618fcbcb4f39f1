import { openMemory } from "../../src/database/memory.ts";
import { type Difference, compareSchemas } from "../../src/schema/compare.ts";
import type { Schema } from "../../src/schema/model.ts";
import { readSchema } from "../../src/schema/introspect.ts";

/** The schema that these statements create, read from an in-memory database. */
export async function schemaOf(
  statements: readonly string[],
  ignore: readonly string[] = [],
): Promise<Schema> {
  const { d1, close } = openMemory();
  try {
    if (statements.length > 0) await d1.batch(statements.map((statement) => d1.prepare(statement)));
    return await readSchema(d1, ignore);
  } finally {
    close();
  }
}

export async function differencesOf(
  left: readonly string[],
  right: readonly string[],
): Promise<Difference[]> {
  return compareSchemas(await schemaOf(left), await schemaOf(right));
}
