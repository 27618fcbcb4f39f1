/**
 * Finds what Cloudflare's export of a database would change, leave out, or write so that it cannot run again. It reads
 * the live database, before anyone relies on the file.
 *
 * Costs: two requests for the schema, one more per further 100 tables, and one per 10 tables. Rows read: each table
 * once, and once more per 60 checks; a table of numbers and texts has about three checks per column. Without data
 * (`data: false`) it reads almost no rows. The database stays available.
 *
 * Not found, because SQL cannot distinguish them: -0.0 (counted among the whole reals, if it matters), and rows that
 * refer to later rows of the same table.
 * @module
 */
import type { DumpOptions } from "./export.ts";
import { countsIn, scansOf } from "./dump-scan.ts";
import { type ReadRows, type DumpTable, readDumpSchema } from "./dump-schema.ts";
import { type Flaw, flawOf } from "./dump-flaw.ts";
import type { RemoteD1 } from "./d1.ts";
import { ApiFailure } from "./api-failure.ts";

export type { Flaw } from "./dump-flaw.ts";

/** Tables per request. A request must end within 30 seconds. */
const TABLES_A_REQUEST = 10;

/** The flaws of the export that these options would make. @throws what `readRows` throws */
export async function dumpFlaws(readRows: ReadRows, options: DumpOptions = {}): Promise<Flaw[]> {
  const { tables: named = [], schema = true, data = true } = options;
  const all = await readDumpSchema(readRows);
  const chosen = all.filter(({ name }) => named.length === 0 || named.includes(name));
  const flaws = chosen.flatMap(flawOfTable);
  if (schema && named.length > 0) flaws.push(...chosen.flatMap((table) => leftOut(table, named)));
  if (data) flaws.push(...(await flawsOfRows(readRows, chosen, schema)));
  return flaws;
}

function flawOfTable({ name: table, kind }: DumpTable): Flaw[] {
  if (kind === "virtual") return [flawOf({ kind: "virtual table", table })];
  return kind === "reserved" ? [flawOf({ kind: "reserved table", table })] : [];
}

/** The counter of an AUTOINCREMENT is a row of `sqlite_sequence`. */
function leftOut({ name: table, belongings, counts }: DumpTable, named: readonly string[]): Flaw[] {
  const needed = [...belongings, ...(counts ? ["sqlite_sequence"] : [])];
  const lost = needed.filter((one) => !named.includes(one));
  if (lost.length === 0) return [];
  const detail = lost.join(", ");
  return [flawOf({ kind: "lost with its table", table, count: lost.length, detail })];
}

async function flawsOfRows(
  readRows: ReadRows,
  chosen: readonly DumpTable[],
  areCreated: boolean,
): Promise<Flaw[]> {
  const tables = chosen.filter(({ kind }) => kind === "ordinary" || kind === "shadow");
  const flaws: Flaw[] = [];
  for (let at = 0; at < tables.length; at += TABLES_A_REQUEST) {
    const scans = tables
      .slice(at, at + TABLES_A_REQUEST)
      .flatMap((table) => scansOf(table, { tables: laterThan(table, tables), areCreated }));
    const answers = scans.length === 0 ? [] : await readRows(scans.map(({ sql }) => sql));
    flaws.push(...scans.flatMap((scan, i) => countsIn(scan, answers[i]?.[0])).map(flawOf));
  }
  return flaws;
}

function laterThan(table: DumpTable, tables: readonly DumpTable[]): Set<string> {
  return new Set(tables.slice(tables.indexOf(table) + 1).map(({ name }) => name.toLowerCase()));
}

export function remoteRows(remote: RemoteD1): ReadRows {
  return async (statements) => {
    try {
      const answers = await remote.raw(
        "read",
        statements.map((sql) => ({ sql, params: [] })),
      );
      return answers.map(({ results }) => {
        const columns = results?.columns ?? [];
        const rows: readonly unknown[][] = results?.rows ?? [];
        return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
      });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      throw remote.errorOf(error, "read", "look for what an export would lose");
    }
  };
}
