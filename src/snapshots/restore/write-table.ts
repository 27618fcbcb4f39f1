/** @module Gives a table of a database the rows that it should have. Writes only rows that differ. */
import type { D1Database, D1PreparedStatement } from "../../database/port.ts";
import { refusalOf } from "../../failure/kind.ts";
import { quoteIdentifier, sameIdentifier } from "../../sql/quote.ts";
import { runsOf } from "../rows/chunk-runs.ts";
import { OpsError } from "../errors.ts";
import { joinRun, type Row } from "../rows/join-rows.ts";
import type { SnapshotTable } from "../store/manifest.ts";
import { pairTables } from "../rows/pair-rows.ts";
import { statementsOf } from "./row-statements.ts";
import type { Side } from "../rows/side.ts";
import type { TableShape } from "../rows/table-shape.ts";

/**
 * Sends statements as one batch, which is carried out exactly once, after the batches before it. `what` names it for messages.
 * @throws D1's refusal, and OpsError of the database
 */
export type SendBatch = (what: string, statements: readonly D1PreparedStatement[]) => Promise<void>;

export interface TableWrite {
  readonly d1: D1Database;
  readonly send: SendBatch;
  readonly shape: TableShape;
  /** The rows of the present, and where to read them. Null: the table is empty. */
  readonly present: { readonly table: SnapshotTable; readonly side: Pick<Side, "reader"> } | null;
  readonly wanted: { readonly table: SnapshotTable; readonly side: Pick<Side, "reader"> };
  /** False for a virtual table, which need not support UPDATE. */
  readonly canUpdate: boolean;
  /** A row in which one of these columns changes is deleted and inserted. */
  readonly followed: readonly string[];
  /** Called with the number of rows that were written since the last call. */
  readonly onRows: (rows: number) => void;
}

/** A batch has at most so many rows and about so many characters. D1 ends a call after 30 seconds. */
const ROWS = 2000;
const CHARACTERS = 500_000;

/**
 * Each batch brings the table nearer to its goal, whatever was written before. So a write that was killed can begin again.
 * @throws OpsError SNAPSHOT_INCOMPLETE if D1 does not accept a row, and those of the database
 */
export async function writeTable(write: TableWrite): Promise<void> {
  const { shape, present, wanted } = write;
  const writer = new RowWriter(write);
  // Without a key, no statement can name a single row.
  const isWhole = shape.key.length === 0;
  if (isWhole && present !== null) await writer.removeAll();
  const pairing = pairTables(wanted.table, wanted.table);
  const chunks = isWhole ? [] : (present?.table.chunks ?? []);
  const runs = runsOf(chunks, wanted.table.chunks, { sameOrder: !isWhole, sameColumns: true });
  const read = {
    left:
      present?.side.reader(
        present.table,
        runs.flatMap((run) => run.left),
      ) ?? (async () => ""),
    right: wanted.side.reader(
      wanted.table,
      runs.flatMap((run) => run.right),
    ),
  };
  for (const run of runs) await joinRun(run, { pairing, read }, writer);
  await writer.finish();
}

class RowWriter {
  readonly #write: TableWrite;
  #removed: Row[] = [];
  #changed: Row[] = [];
  #added: Row[] = [];
  #rows = 0;
  #characters = 0;
  readonly #followed: readonly number[];

  constructor(write: TableWrite) {
    this.#write = write;
    this.#followed = write.shape.columns.flatMap((column, i) =>
      write.followed.some((one) => sameIdentifier(one, column)) ? [i] : [],
    );
  }

  wantsRows(): boolean {
    return true;
  }

  /** Every row is wanted. */
  count(): void {}

  pair(left: Row | null, right: Row | null): void {
    if (left !== null && right !== null) {
      if (left.join(",") === right.join(",")) return;
      if (this.#write.canUpdate && this.#followed.every((i) => left[i] === right[i])) {
        this.#keep(this.#changed, right);
        return;
      }
    }
    if (left !== null) this.#keep(this.#removed, left);
    if (right !== null) this.#keep(this.#added, right);
  }

  #keep(rows: Row[], row: Row): void {
    rows.push(row);
    this.#rows += 1;
    for (const literal of row) this.#characters += literal.length;
  }

  async flush(): Promise<void> {
    if (this.#rows >= ROWS || this.#characters >= CHARACTERS) await this.finish();
  }

  async removeAll(): Promise<void> {
    const { d1, shape } = this.#write;
    await this.#send([d1.prepare(`DELETE FROM ${quoteIdentifier(shape.name)}`)]);
  }

  /** Sends what is left. */
  async finish(): Promise<void> {
    const { d1, shape, onRows } = this.#write;
    if (this.#rows === 0) return;
    const [removed, changed, added] = [this.#removed, this.#changed, this.#added];
    const rows = this.#rows;
    [this.#removed, this.#changed, this.#added] = [[], [], []];
    [this.#rows, this.#characters] = [0, 0];
    const statements = statementsOf(shape, { removed, changed, added }).map(({ sql, params }) =>
      d1.prepare(sql).bind(...params),
    );
    await this.#send(statements);
    onRows(rows);
  }

  async #send(statements: readonly D1PreparedStatement[]): Promise<void> {
    const { d1, send, shape } = this.#write;
    const what = `rows of ${shape.name}`;
    const batch = withoutForeignKeys(d1, statements);
    try {
      await send(what, batch).catch(async (error: unknown) => {
        if (!/CHECK constraint failed/.test(refusalOf(error)?.reason ?? "")) throw error;
        await this.#sendWithoutChecks(what, batch);
      });
    } catch (error) {
      const refusal = refusalOf(error);
      throw refusal === null ? error : rejected(shape.name, refusal.reason, error);
    }
  }

  /** For rows of a snapshot that violate a CHECK. The PRAGMA outlives its batch, and even a batch that fails. */
  async #sendWithoutChecks(what: string, batch: readonly D1PreparedStatement[]): Promise<void> {
    const { d1, send } = this.#write;
    const checks = (ignored: "ON" | "OFF"): D1PreparedStatement =>
      d1.prepare(`PRAGMA ignore_check_constraints = ${ignored}`);
    try {
      await send(what, [checks("ON"), ...batch, checks("OFF")]);
    } catch (error) {
      // The first error says more than that of a second failure.
      await checks("OFF")
        .run()
        .catch(() => {});
      throw error;
    }
  }
}

/**
 * Rows that refer to missing rows are allowed meanwhile: the other rows follow, or the snapshot lacks them, too. D1 ignores
 * `foreign_keys = OFF` in a transaction. With deferred keys it counts the violations, and the second PRAGMA forgets the count.
 */
export function withoutForeignKeys(
  d1: D1Database,
  statements: readonly D1PreparedStatement[],
): D1PreparedStatement[] {
  return [
    d1.prepare("PRAGMA defer_foreign_keys = ON"),
    ...statements,
    d1.prepare("PRAGMA defer_foreign_keys = OFF"),
  ];
}

function rejected(table: string, reason: string, cause: unknown): OpsError {
  const text = {
    message: `D1 does not accept the rows of the table ${table}: ${reason}.`,
    hint: "A row may be larger than D1 allows, or another program may have changed the database meanwhile. Run the same command again: it continues.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, text, { cause });
}
