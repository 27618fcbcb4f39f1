/**
 * Runs programs as somebody whom file permissions concern: as ourselves, unless we are root.
 * @module
 */
import { spawnSync } from "node:child_process";

export interface PlainUser {
  /** Goes before the command line. */
  readonly prefix: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/** Root without the two capabilities that pass by permissions. It still owns its files, so it can start a node that only root may reach. */
const CAREFUL_ROOT: PlainUser = {
  prefix: ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"],
  options: {},
};

/** The user `nobody`: where `setpriv` is missing. */
const NOBODY: PlainUser = { prefix: [], options: { uid: 65_534, gid: 65_534 } };

/** Null where there is no way; {@link NO_PLAIN_USER} says why. */
export const PLAIN_USER: PlainUser | null =
  process.getuid?.() === 0
    ? ([CAREFUL_ROOT, NOBODY].find(canStartNode) ?? null)
    : { prefix: [], options: {} };

export const NO_PLAIN_USER =
  "skipped: we are root, setpriv does not work here, and the user nobody may not enter the folder of node";

/** A command line as the plain user starts it: program, then arguments. */
export function asPlainUser({ prefix }: PlainUser, command: readonly string[]): [string, string[]] {
  const [program = "", ...args] = [...prefix, ...command];
  return [program, args];
}

function canStartNode(user: PlainUser): boolean {
  const [program, args] = asPlainUser(user, [process.execPath, "-e", "0"]);
  return spawnSync(program, args, { ...user.options, cwd: "/" }).status === 0;
}
