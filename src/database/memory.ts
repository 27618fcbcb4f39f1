/** @module A D1 database in memory, for rehearsals, replays and tests. */
import type { Target } from "../report/report.ts";
import { clientOver, type ClientDatabase } from "./client.ts";
import { connect } from "./connection.ts";

/**
 * Opens an empty D1 database in memory. It applies D1's rules and limits and fails with D1's messages. Closing it deletes it.
 *
 * ```ts
 * const { d1, close } = openMemory();
 * await d1.prepare("CREATE TABLE t(a INTEGER PRIMARY KEY)").run();
 * ```
 */
export function openMemory(options: { name?: string } = {}): ClientDatabase {
  const connection = connect({ path: ":memory:" });
  const name = options.name ?? "memory";
  const target: Target = { place: "local", database: name, id: ":memory:", env: null };
  return {
    // No other connection exists, so taking the write lock for a read blocks no one.
    d1: clientOver(async (queries) => connection.transact("write", queries)),
    target,
    bookmark: null,
    close: () => connection.close(),
  };
}
