/** @module The bytes of each table in a SQLite file, which D1 itself does not say. */
import { DatabaseSync } from "node:sqlite";
import { translateFileError } from "./file-error.ts";
import { immutable, inspect } from "./reader.ts";

/**
 * Pages times page size of each table with its indexes, by the table's name. Reads every page, and creates no files. Null for a file that was
 * copied with its log, which can be read only in a copy of its own. @throws OpsError of the file
 */
export function tableBytes(path: string): Map<string, number> | null {
  const started = performance.now();
  const { state } = inspect(path);
  if (state === "stranded") return null;
  try {
    const location = state === "settled" ? immutable(path) : path;
    using db = new DatabaseSync(location, { readOnly: true, timeout: 5000 });
    const rows = db
      .prepare(
        "SELECT coalesce(m.tbl_name, d.name) AS name, sum(d.pgsize) AS bytes FROM dbstat('main', 1) d LEFT JOIN sqlite_schema m ON m.name = d.name GROUP BY 1",
      )
      .all();
    return new Map(rows.map(({ name, bytes }) => [String(name), Number(bytes)]));
  } catch (error) {
    throw translateFileError(error, path, Math.round(performance.now() - started));
  }
}
