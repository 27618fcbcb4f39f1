/**
 * An empty D1 in memory, gone when it is closed: for rehearsals, replays and tests.
 * @module
 */
import type { Target } from "../report/report.ts";
import { clientOver, type ClientDatabase } from "./client.ts";
import { connect } from "./connection.ts";

/**
 * An in-memory D1. It obeys D1's rules and limits and refuses in D1's words.
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
    // Nobody else sees it, so there is no lock to be early or late for.
    d1: clientOver(async (queries) => connection.transact("write", queries)),
    target,
    bookmark: null,
    close: () => connection.close(),
  };
}
