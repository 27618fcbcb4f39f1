/**
 * Compares two snapshots, or a snapshot with the present: the proof that nothing else has changed. Equal digests and chunks are not read.
 * @module
 */
import { sameIdentifier } from "../../sql/quote.ts";
import { compareFiles, type FilesComparison } from "./compare-files.ts";
import { compareSchemaTexts, type SchemaDifference } from "./compare-schema.ts";
import { compareTables, type Sides, type TableComparison } from "./compare-tables.ts";
import type { Detail } from "./row-tally.ts";

export interface Comparison {
  /** Null unless both sides have a database. */
  readonly database: DatabaseComparison | null;
  /** Null if a side has no files, or if the comparison is about some tables only. */
  readonly files: FilesComparison | null;
}

export interface DatabaseComparison {
  readonly schema: readonly SchemaDifference[];
  /** All tables that were compared, also intact ones. */
  readonly tables: readonly TableComparison[];
}

export interface ComparisonOptions extends Detail {
  /** Compares only these tables, their indexes and triggers. Null: everything. */
  readonly tables: readonly string[] | null;
}

/** Describes how `right` differs from `left`. @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, and those of the database */
export async function compare(sides: Sides, options: ComparisonOptions): Promise<Comparison> {
  const { left, right } = sides;
  const isWanted = (name: string): boolean =>
    options.tables?.some((one) => sameIdentifier(one, name)) ?? true;
  return {
    database:
      left.database === null || right.database === null
        ? null
        : {
            schema: compareSchemaTexts(left.database.schema, right.database.schema).filter(
              ({ table }) => isWanted(table),
            ),
            tables: await compareTables(sides, isWanted, options),
          },
    files:
      left.files === null || right.files === null || options.tables !== null
        ? null
        : compareFiles(left.files, right.files),
  };
}

/** True if the table has the same columns and the same rows on both sides. A table without rows may be missing on one of them. */
export function isIntact(table: TableComparison): boolean {
  const { added, removed, changed, addedColumns, removedColumns } = table;
  return added + removed + changed + addedColumns.length + removedColumns.length === 0;
}
