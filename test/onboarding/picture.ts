/**
 * All that a database holds, row by row, and whose each row is.
 * @module
 */
import type { D1Database } from "../../src/database/port.ts";

/** Table, key, and the row as JSON. */
export type Line = readonly [table: string, key: string, row: string];

interface Named {
  readonly name: string;
}

/** In the order of tables and keys, so that two pictures are the same text if the databases are the same. */
export async function pictureOf(d1: D1Database): Promise<Line[]> {
  const { results: tables } = await d1
    .prepare(
      String.raw`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_cf\_%' ESCAPE '\' ORDER BY name`,
    )
    .all<Named>();
  const answers = await d1.batch<Record<string, unknown>>(
    tables.map(({ name }) => d1.prepare(`SELECT * FROM "${name}" ORDER BY id`)),
  );
  return answers.flatMap(({ results }, i) =>
    results.map((row): Line => [tables[i]?.name ?? "", String(row["id"]), JSON.stringify(row)]),
  );
}

/** Whose a row is. Rows that name no tenant belong to nobody. */
export function ownerOf([table, key, row]: Line): string {
  const { tenant_id: tenant } = JSON.parse(row) as { readonly tenant_id?: unknown };
  if (table === "tenants") return key;
  return typeof tenant === "string" ? tenant : "";
}

/** The lines of everybody but one. */
export function withoutTenant(picture: readonly Line[], tenant: string): Line[] {
  return picture.filter((line) => ownerOf(line) !== tenant);
}
