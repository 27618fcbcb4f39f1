/**
 * A mark of a process, stored with a run, so that a later process on the same machine can find out whether the first one is dead. A process id
 * alone is not enough: the system reuses ids, and each container has a process 1.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, platform } from "node:os";
import { nullIfThrows } from "./null-if-throws.ts";
import { errorCode } from "./reason.ts";

/** `MACHINE/NAMESPACES/PID/START`. Null if the system does not provide them. */
export function processMark(pid: number = process.pid): string | null {
  const started = startTimeOf(pid);
  const space = started === null ? null : processSpace();
  return space === null ? null : `${space}/${pid}/${started}`;
}

export function withMark(text: string, mark: string | null = processMark()): string {
  return mark === null ? text : `${text} ${mark}`;
}

/** True only if it is certain: the mark is from this machine and this namespace, and its process is gone. */
export function isMarkOfDeadProcess(text: string): boolean {
  const [, space, pid, started] = / (\S+\/\S+)\/(\d+)\/(\S+)$/.exec(text) ?? [];
  if (space === undefined || pid === undefined || space !== processSpace()) return false;
  if (!exists(Number(pid))) return true;
  // The start of another user's process may be hidden. The process exists, and may be the same.
  const now = startTimeOf(Number(pid));
  return now !== null && now !== started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

let cachedSpace: string | null | undefined;

/** Names the space of process ids and start times. The name of the machine is not enough: two machines may have the same. */
function processSpace(): string | null {
  cachedSpace ??= nullIfThrows(() => {
    if (platform() === "darwin") {
      const boot = execFileSync("sysctl", ["-n", "kern.bootsessionuuid"], { stdio: "pipe" });
      return `${boot.toString().trim()}/${hostname()}`;
    }
    // `/proc` may belong to another namespace, where this id is another process (`unshare --pid`).
    if (platform() !== "linux" || readlinkSync("/proc/self") !== String(process.pid)) return null;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${namespaces()}`;
  });
  return cachedSpace;
}

/** The namespaces of process ids and of the time since boot. Older systems do not have the second. */
function namespaces(): string {
  const time = nullIfThrows(() => readlinkSync("/proc/self/ns/time"));
  return [readlinkSync("/proc/self/ns/pid"), ...(time === null ? [] : [time])].join("/");
}

/** The start time of a process, in the form of the system. It differs between two processes with the same id. A zombie counts as ended. */
function startTimeOf(pid: number): string | null {
  return nullIfThrows(() => {
    if (platform() === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name, in parentheses, may have spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state, start] = [fields[0], fields[19]];
      return state === "Z" || state === "X" ? "ended" : (start ?? null);
    }
    if (platform() === "win32") return null;
    const env = { ...process.env, TZ: "UTC", LC_ALL: "C" };
    const output = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { env, stdio: "pipe" });
    const started = output.toString().trim().replaceAll(/\s+/g, "-");
    return started === "" ? null : started;
  });
}
