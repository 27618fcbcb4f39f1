/** @module The rows that onboarding has written for each tenant, so that the floor can write the same rows. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { TABLES } from "./tenants.ts";

/** The index of the statement in `inserts`, and its bound values. */
export type Row = readonly [insert: number, values: readonly SQLInputValue[]];

export interface TenantRows {
  readonly inserts: readonly string[];
  /** The rows of each tenant, in an order that foreign keys allow. */
  readonly batches: readonly (readonly Row[])[];
}

export function tenantRows(file: string): TenantRows {
  const db = new DatabaseSync(file, { readOnly: true });
  const batches = new Map<unknown, Row[]>();
  const inserts = TABLES.map((table, insert) => {
    const all = db.prepare(`SELECT * FROM ${table} ORDER BY rowid`);
    const columns = all.columns().map(({ name }) => name);
    const owner = table === "tenants" ? "id" : "tenant_id";
    for (const row of all.iterate()) {
      const batch = batches.get(row[owner]) ?? [];
      batches.set(row[owner], batch);
      batch.push([insert, columns.map((column) => row[column] ?? null)]);
    }
    return `INSERT INTO ${table} ("${columns.join('", "')}") VALUES (${columns.map(() => "?").join(", ")})`;
  });
  db.close();
  return { inserts, batches: [...batches.values()] };
}
