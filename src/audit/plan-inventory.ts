/** @module Plans an inventory: what each object is, and the queries that measure it. Pure. */
import type { ListRow, Rows } from "../schema/rows.ts";
import { balanced } from "../snapshots/rows/row-text.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import type { InventoryObject } from "./inventory.ts";
import { timestampColumn } from "./last-write.ts";
import { classOf } from "./object-class.ts";

export interface PlannedObject extends Pick<
  InventoryObject,
  "name" | "class" | "columns" | "columnNames" | "indexes" | "query"
> {
  /** The column of the last write. */
  readonly timestamp: string | null;
  /** The query for the average bytes of a row, in a sample. Null if it has no rows of its own. */
  readonly sample: string | null;
}

/** Every table and view except SQLite's schema itself, in the order of their names. `ledger`: the name of wrangler's ledger. */
export function planInventory(rows: Rows, ledger: string): PlannedObject[] {
  const columns = Map.groupBy(rows.columns, ({ owner }) => owner);
  const indexes = Map.groupBy(rows.indexes, ({ owner }) => owner);
  return rows.list
    .filter(({ name }) => !/^sqlite_(?:temp_)?(?:schema|master)$/i.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((listed) =>
      planned(listed, ledger, columns.get(listed.name) ?? [], indexes.get(listed.name) ?? []),
    );
}

function planned(
  listed: ListRow,
  ledger: string,
  all: Rows["columns"],
  terms: Rows["indexes"],
): PlannedObject {
  const { name } = listed;
  const ofClass = classOf(listed, ledger);
  const columns = all.filter(({ hidden }) => hidden !== 1);
  const stored = columns.filter(({ hidden }) => hidden !== 2);
  const timestamp = timestampColumn(stored);
  // D1 lets no one read Cloudflare's tables, and a broken view has no columns.
  const isKnown = ofClass !== "platform" && columns.length > 0;
  const hasRows = isKnown && ofClass !== "view";
  return {
    name,
    class: ofClass,
    columns: isKnown ? columns.length : null,
    columnNames: isKnown ? columns.map((one) => one.name) : [],
    indexes: hasRows ? new Set(terms.map(({ index }) => index)).size : null,
    timestamp,
    query: hasRows ? countQuery(name, timestamp) : null,
    sample: hasRows
      ? sampleQuery(
          name,
          stored.map((one) => one.name),
        )
      : null,
  };
}

function countQuery(name: string, timestamp: string | null): string {
  const last = timestamp === null ? "NULL" : `max(${quoteIdentifier(timestamp)})`;
  return `SELECT count(*) AS rows, ${last} AS last FROM ${quoteIdentifier(name)}`;
}

/** Rows whose bytes stand for those of all rows. */
const SAMPLE = 200;

/** Two bytes for the head of each value. */
function sampleQuery(name: string, columns: readonly string[]): string {
  const lengths = columns.map(
    (column) => `(2+coalesce(octet_length(${quoteIdentifier(column)}),0))`,
  );
  const bytes = balanced(lengths, "+");
  return `SELECT avg(bytes) AS bytes FROM (SELECT ${bytes} AS bytes FROM ${quoteIdentifier(name)} LIMIT ${SAMPLE})`;
}
