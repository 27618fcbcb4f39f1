/**
 * Reads an inventory with three requests at most: the schema, what the figures would cost, and the figures of all objects in one batch.
 * @module
 */
import type { D1Database, D1Result } from "../database/port.ts";
import type { Target } from "../report/report.ts";
import { readRows } from "../schema/rows.ts";
import { estimateRows } from "./inventory-cost.ts";
import type { Inventory, InventoryObject } from "./inventory.ts";
import { timeOf } from "./last-write.ts";
import { type Figures, measureObjects, NOT_MEASURED } from "./measure-objects.ts";
import { planInventory, type PlannedObject } from "./plan-inventory.ts";

export interface InventoryRequest {
  readonly d1: D1Database;
  readonly target: Target;
  /** The name of wrangler's ledger. */
  readonly ledger: string;
  /** The bytes of each table with its indexes, by the table's name. Null: the database does not say, so they are estimated. */
  readonly tableBytes: ReadonlyMap<string, number> | null;
  /** If counting would probably read more rows, they are not counted. Null: a file of this computer, where reading costs nothing. */
  readonly maxRowsRead: number | null;
  readonly now: () => Date;
}

/** `PRAGMA quick_check` reads the whole database, and D1 ends a query after 30 seconds. */
export const CHECKED_BYTES = 500_000_000;

/** @throws the errors of the database. A single object that cannot be read has its error in the inventory. */
export async function readInventory(request: InventoryRequest): Promise<Inventory> {
  const { target, ledger, maxRowsRead, tableBytes } = request;
  const { d1, cost } = metered(request.d1);
  const measuredAt = request.now().toISOString();
  const rows = await readRows(d1);
  const planned = planInventory(rows, ledger);
  const estimate = maxRowsRead === null ? null : await estimateRows(d1, rows);
  const isAffordable = estimate === null || estimate.rows <= (maxRowsRead ?? 0);
  const isCheckable = maxRowsRead === null || cost().bytes <= CHECKED_BYTES;
  const { figures, quickCheck } = isAffordable
    ? await measureObjects({ d1, planned, samples: tableBytes === null, quickCheck: isCheckable })
    : NOT_MEASURED;
  const { bytes, requests, rowsRead } = cost();
  const sizes = tableBytes ?? shares(planned, figures, bytes);
  const objects = planned.map((one) =>
    objectOf(one, figures.get(one.name) ?? null, sizes.get(one.name) ?? null),
  );
  return {
    target,
    measuredAt,
    objects,
    bytes,
    areBytesEstimated: tableBytes === null,
    quickCheck,
    requests,
    rowsRead: maxRowsRead === null ? null : rowsRead,
    uncounted: isAffordable ? null : estimate,
  };
}

function objectOf(
  { timestamp, ...planned }: PlannedObject,
  figures: Figures | null,
  bytes: number | null,
): InventoryObject {
  const at = timeOf(figures?.last);
  return {
    name: planned.name,
    class: planned.class,
    rows: figures?.rows ?? null,
    columns: planned.columns,
    columnNames: planned.columnNames,
    indexes: planned.indexes,
    bytes,
    lastWrite: timestamp === null || at === null ? null : { column: timestamp, at },
    query: planned.query,
    error: figures?.error ?? null,
  };
}

/** Shares of the database's size, in proportion to the rows and their average bytes. */
function shares(
  planned: readonly PlannedObject[],
  figures: ReadonlyMap<string, Figures>,
  bytes: number,
): Map<string, number> {
  const weights = planned.flatMap(({ name }): [string, number][] => {
    const { rows = null, rowBytes = null } = figures.get(name) ?? {};
    return rows === null ? [] : [[name, rows * (rowBytes ?? 0)]];
  });
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return new Map(
    weights.map(([name, weight]) => [name, total === 0 ? 0 : Math.round((bytes * weight) / total)]),
  );
}

interface Cost {
  /** Of the pages in use. */
  readonly bytes: number;
  readonly requests: number;
  readonly rowsRead: number;
}

/** Adds up what the batches cost. */
function metered(d1: D1Database): { readonly d1: D1Database; readonly cost: () => Cost } {
  let cost: Cost = { bytes: 0, requests: 0, rowsRead: 0 };
  const add = (answers: readonly D1Result<unknown>[]): void => {
    cost = {
      bytes: answers.at(-1)?.meta.size_after ?? cost.bytes,
      requests: cost.requests + 1,
      rowsRead: answers.reduce((sum, { meta }) => sum + meta.rows_read, cost.rowsRead),
    };
  };
  return {
    cost: () => cost,
    d1: {
      prepare: (sql) => d1.prepare(sql),
      exec: async (sql) => d1.exec(sql),
      async batch<T>(statements: Parameters<D1Database["batch"]>[0]) {
        const answers = await d1.batch<T>(statements);
        add(answers);
        return answers;
      },
    },
  };
}
