/** @module Runs programs as a user to whom file permissions apply: the current user unless that is root. */
import { spawnSync } from "node:child_process";

export interface PlainUser {
  /** Precedes the command line. */
  readonly prefix: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/** Root without the two capabilities that bypass permissions. It still owns its files, so it can start a node in root's folders. */
const CAREFUL_ROOT: PlainUser = {
  prefix: ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"],
  options: {},
};

/** The user `nobody`, if `setpriv` is missing. */
const NOBODY: PlainUser = { prefix: [], options: { uid: 65_534, gid: 65_534 } };

/** Null if neither works; {@link NO_PLAIN_USER} says why. */
export const PLAIN_USER: PlainUser | null =
  process.getuid?.() === 0
    ? ([CAREFUL_ROOT, NOBODY].find(canStartNode) ?? null)
    : { prefix: [], options: {} };

export const NO_PLAIN_USER =
  "skipped: we are root, setpriv does not work here, and the user `nobody` may not enter the folder of node";

/** The command line of the plain user: program, then arguments. */
export function asPlainUser({ prefix }: PlainUser, command: readonly string[]): [string, string[]] {
  const [program = "", ...args] = [...prefix, ...command];
  return [program, args];
}

function canStartNode(user: PlainUser): boolean {
  const [program, args] = asPlainUser(user, [process.execPath, "-e", "0"]);
  return spawnSync(program, args, { ...user.options, cwd: "/" }).status === 0;
}
