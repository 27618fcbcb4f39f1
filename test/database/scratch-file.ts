import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { rebuild } from "../../src/database/rebuild.ts";

/** Builds a file whose table `restored` has `rows` rows, the n-th with the rowid `3n`, and returns its path. */
export async function scratchFile(path: string, rows: number, pageSize = 4096): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const name = "restored";
  const text = Array.from({ length: rows }, (_, i) => `(${i * 3},'${"x".repeat(200)}')`).join(",");
  const chunk = {
    id: "1",
    bytes: text.length,
    pack: 0,
    at: 0,
    stored: 0,
    base: null,
    rows,
    from: null,
  };
  const schema = [{ type: "table", name, table: name, sql: "CREATE TABLE restored(a)" }] as const;
  const tables = [
    { name, columns: ["rowid", "a"], key: ["rowid"], rows, digest: "", chunks: [chunk] },
  ];
  await rebuild({ schema, tables }, async () => text, path, { pageSize });
  return path;
}
