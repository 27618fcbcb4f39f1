/** @module The rows of a database, and the tenant of each. */
import type { D1Database } from "../../src/database/port.ts";

/** Table, key, and the row as JSON. */
export type DumpedRow = readonly [table: string, key: string, row: string];

interface Named {
  readonly name: string;
}

/** Ordered by table and key, so that equal databases have equal dumps. */
export async function dumpOf(d1: D1Database): Promise<DumpedRow[]> {
  const { results: tables } = await d1
    .prepare(
      String.raw`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_cf\_%' ESCAPE '\' ORDER BY name`,
    )
    .all<Named>();
  const answers = await d1.batch<Record<string, unknown>>(
    tables.map(({ name }) => d1.prepare(`SELECT * FROM "${name}" ORDER BY id`)),
  );
  return answers.flatMap(({ results }, i) =>
    results.map((row): DumpedRow => [
      tables[i]?.name ?? "",
      String(row["id"]),
      JSON.stringify(row),
    ]),
  );
}

/** The tenant of a row; empty for a row without a tenant. */
export function ownerOf([table, key, row]: DumpedRow): string {
  const { tenant_id: tenant } = JSON.parse(row) as { readonly tenant_id?: unknown };
  if (table === "tenants") return key;
  return typeof tenant === "string" ? tenant : "";
}

/** The rows of all other tenants. */
export function withoutTenant(dump: readonly DumpedRow[], tenant: string): DumpedRow[] {
  return dump.filter((line) => ownerOf(line) !== tenant);
}
