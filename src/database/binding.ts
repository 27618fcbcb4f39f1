/**
 * The database inside a Worker: its binding is the port already.
 * @module
 */
import type { Target } from "../report/report.ts";
import type { D1Database, Database } from "./port.ts";

/** A Worker's binding with its name. There is nothing to let go of. */
export function fromBinding(binding: D1Database, target: Target): Database {
  return { d1: binding, target, bookmark: null, close() {} };
}
