/**
 * Who holds the write lock of a database file, where the system tells: Linux does.
 * @module
 */
import { readFileSync, statSync } from "node:fs";

/** In WAL mode the one writer locks this byte of the shared memory file (SQLite's file format, WAL-index locks). */
const WAL_WRITE_LOCK = "120";

/** `1234 (workerd serve …)`, one a process; empty where nobody can tell. */
export function lockHolders(path: string): string[] {
  try {
    const inode = String(statSync(`${path}-shm`).ino);
    const locks = readFileSync("/proc/locks", "utf8").split("\n");
    const pids = locks.flatMap((line) => {
      const [, , , kind, pid, file = "", from] = line.trim().split(/\s+/);
      return kind === "WRITE" && file.endsWith(`:${inode}`) && from === WAL_WRITE_LOCK && pid !== undefined ? [pid] : [];
    });
    return [...new Set(pids)].map((pid) => `process ${pid}${commandOf(pid)}`);
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
    return words.length === 0 ? "" : ` (${words.join(" ").slice(0, 80)})`;
  } catch {
    return "";
  }
}
