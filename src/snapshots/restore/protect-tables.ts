/**
 * Protects the tables that a restore of some tables does not write. D1 carries out foreign keys: if a row is deleted or its key changes, ON
 * DELETE and ON UPDATE may delete or change rows of other tables. Each batch has triggers that make it fail then, so it changes nothing.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../../database/port.ts";
import { refusalOf } from "../../failure/kind.ts";
import { offer, typedCommand, valueFlag } from "../../report/command.ts";
import type { ForeignKeyRow, Rows } from "../../schema/rows.ts";
import { quoteIdentifier, upperCase } from "../../sql/quote.ts";
import { OpsError } from "../errors.ts";
import type { SchemaObject } from "../store/manifest.ts";
import type { SendBatch } from "./write-table.ts";

export interface Protection {
  readonly send: SendBatch;
  /** The columns of this table whose values others follow. A row in which one changes is deleted and inserted, not updated. */
  readonly followed: (table: string) => readonly string[];
}

export interface ProtectionRequest {
  readonly d1: D1Database;
  readonly send: SendBatch;
  /** Of the present. */
  readonly rows: Pick<Rows, "foreignKeys" | "columns">;
  /** The tables that are written. */
  readonly only: ReadonlySet<string>;
  /** The triggers of these tables. None of them fires: the rows of the snapshot have their effects already. */
  readonly triggers: readonly SchemaObject[];
}

/**
 * `send` drops the triggers in each batch and creates them again in the same transaction. So other clients never miss one, and a killed
 * restore leaves all of them.
 * @throws from `send`: OpsError SNAPSHOT_INCOMPLETE if a foreign key would change another table
 */
export function protectionOf(request: ProtectionRequest): Protection {
  const { d1, rows, only, triggers } = request;
  const written = new Set(Array.from(only, upperCase));
  const followers = rows.foreignKeys.filter(
    ({ owner, table }) => !written.has(upperCase(owner)) && written.has(upperCase(table)),
  );
  const acting = followers.filter((key) => acts(key.on_delete) || acts(key.on_update));
  const guards = [...new Set(acting.map(({ owner }) => owner))];
  const prepare = (texts: readonly string[]): D1PreparedStatement[] =>
    texts.map((sql) => d1.prepare(sql));
  const before = prepare([...guards.flatMap(createGuards), ...triggers.map(dropTrigger)]);
  const after = prepare([...triggers.map(({ sql }) => sql), ...guards.flatMap(dropGuards)]);
  return {
    async send(what, statements) {
      try {
        await request.send(what, [...before, ...statements, ...after]);
      } catch (error) {
        const found = GUARDED.exec(refusalOf(error)?.reason ?? "")?.[1];
        const child = found === undefined ? undefined : guards[Number(found)];
        throw child === undefined ? error : wouldChange(what, child, error);
      }
    },
    followed: (name) =>
      acting
        .filter(({ table, on_update }) => acts(on_update) && upperCase(table) === upperCase(name))
        .flatMap(({ to }) => (to === null ? keyOf(rows, name) : [to])),
  };
}

/** NO ACTION and RESTRICT change no row, and the batch defers their checks. */
function acts(action: ForeignKeyRow["on_delete"]): boolean {
  return ["CASCADE", "SET NULL", "SET DEFAULT"].includes(upperCase(action));
}

function keyOf({ columns }: Pick<Rows, "columns">, table: string): string[] {
  return columns.filter(({ owner, pk }) => owner === table && pk > 0).map(({ name }) => name);
}

const GUARD = "d1ops_guard_";
const GUARDED = /d1ops_guard_(\d+)/;

/** A foreign key fires the triggers of the table that it changes. */
function createGuards(child: string, at: number): string[] {
  return ["DELETE", "UPDATE"].map(
    (event) =>
      `CREATE TRIGGER ${GUARD}${at}_${event} BEFORE ${event} ON ${quoteIdentifier(child)} BEGIN SELECT RAISE(ABORT, '${GUARD}${at}'); END`,
  );
}

function dropGuards(_: string, at: number): string[] {
  return ["DELETE", "UPDATE"].map((event) => `DROP TRIGGER ${GUARD}${at}_${event}`);
}

function dropTrigger({ name }: SchemaObject): string {
  return `DROP TRIGGER ${quoteIdentifier(name)}`;
}

function wouldChange(what: string, child: string, cause: unknown): OpsError {
  const reason = `D1 would delete or change rows of ${child}, which refer to them`;
  const text = {
    message: `d1ops cannot write the ${what} alone: ${reason}.`,
    hint: offer("To restore both tables", typedCommand(...valueFlag("--tables", child))),
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: child, reason }, text, { cause });
}
