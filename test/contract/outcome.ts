import type { D1Database } from "../../src/database/port.ts";
import type { Case } from "./case.ts";

/** The result of a case: the answer or the error of every step, and the database's content afterwards. */
export interface Outcome {
  readonly steps: readonly unknown[];
  readonly schema: unknown;
  readonly rows: unknown;
}

/**
 * Fields that the suite does not compare. `duration`, `timings`, `total_attempts`, `served_by…` depend on the server, not on
 * the query. `rows_read` and `rows_written` differ, because only workerd's own SQLite counts the rows that a query visits and
 * the index entries that it writes (see `metaOf` in src/database/connection.ts).
 */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  "duration",
  "timings",
  "total_attempts",
  "served_by",
  "served_by_primary",
  "served_by_region",
  "served_by_colo",
  "rows_read",
  "rows_written",
]);

/** Fields that are not compared for cases that only read, because they depend on the database's earlier content. */
const OF_BEFORE: ReadonlySet<string> = new Set(["size_after", "last_row_id"]);

export async function outcome(d1: D1Database, { steps, reads }: Case): Promise<Outcome> {
  const empty = reads ? null : await emptySize(d1);
  const answers: unknown[] = [];
  for (const step of steps) answers.push(comparable(await answer(() => step(d1)), empty));
  if (reads) return { steps: answers, schema: null, rows: null };
  const schema = await d1
    .prepare(
      String.raw`SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '\_cf\_%' ESCAPE '\' ORDER BY type, name`,
    )
    .raw<[type: string, name: string, of: string, sql: string]>();
  const tables = schema.flatMap(([type, name]) => (type === "table" ? [name] : []));
  const rows =
    tables.length === 0
      ? []
      : await answer(async () => {
          const results = await d1.batch(
            tables.map((name) => d1.prepare(`SELECT * FROM "${name.replaceAll('"', '""')}"`)),
          );
          return results.map(({ results: found }, i) => [tables[i], found]);
        });
  return { steps: answers, schema, rows };
}

/**
 * workerd keeps its own table `_cf_METADATA` in every database, which takes a page and has set `last_insert_rowid()`.
 * So sizes are compared relative to the empty database, and this insert sets a last row id everywhere.
 */
async function emptySize(d1: D1Database): Promise<number> {
  const results = await d1.batch([
    d1.prepare("CREATE TABLE warm(a)"),
    d1.prepare("INSERT INTO warm VALUES(1)"),
    d1.prepare("DROP TABLE warm"),
  ]);
  return results[2]?.meta.size_after ?? 0;
}

async function answer(step: () => unknown): Promise<unknown> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof Error)) return { thrown: error };
    return { error: `${error.name}: ${error.message}`.replace(/reference = \w+/, "reference = …") };
  }
}

function comparable(value: unknown, empty: number | null): unknown {
  if (Array.isArray(value)) return value.map((one) => comparable(one, empty));
  if (typeof value !== "object" || value === null) return value;
  const compared: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (OF_THE_SERVER.has(key) || (empty === null && OF_BEFORE.has(key))) continue;
    const size = key === "size_after" && typeof inner === "number" && empty !== null;
    compared.push([key, size ? inner - empty : comparable(inner, empty)]);
  }
  return Object.fromEntries(compared);
}
