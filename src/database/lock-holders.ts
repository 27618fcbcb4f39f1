/** @module Finds the processes that hold the write lock of a database file. Only Linux provides this. */
import { readFileSync, statSync } from "node:fs";

/** In WAL mode the writer locks byte 120 of the `-shm` file. Without WAL it locks the database file from byte 0x40000000. */
const WAL_WRITE_LOCK = 120;
const PENDING_LOCK = 0x40000000;

/** One entry per process, such as `process 1234 (workerd serve …)`. Empty if the holders are unknown. */
export function lockHolders(path: string): string[] {
  try {
    const shm = inodeOf(`${path}-shm`);
    const file = inodeOf(path);
    const locks = readFileSync("/proc/locks", "utf8").split("\n");
    const pids = locks.flatMap((line) => {
      // 1: POSIX  ADVISORY  WRITE 1234 fe:01:5678 120 120
      const [, , , kind, pid = "", place = "", first = "", last = ""] = line.trim().split(/\s+/);
      if (kind !== "WRITE" || Number(pid) <= 0) return [];
      const inode = place.split(":").at(-1);
      const end = last === "EOF" ? Infinity : Number(last);
      const writes =
        (inode === shm && Number(first) <= WAL_WRITE_LOCK && end >= WAL_WRITE_LOCK) ||
        (inode === file && end >= PENDING_LOCK);
      return writes ? [pid] : [];
    });
    return [...new Set(pids)].map((pid) => `process ${pid}${commandOf(pid)}`);
  } catch {
    return [];
  }
}

function inodeOf(path: string): string | null {
  const inode = statSync(path, { throwIfNoEntry: false })?.ino;
  return inode === undefined ? null : String(inode);
}

function commandOf(pid: string): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
    return words.length === 0 ? "" : ` (${words.join(" ").slice(0, 80)})`;
  } catch {
    return "";
  }
}
