/**
 * A mark of a process, kept where it runs something: so that a later process on the same machine can tell whether it is dead. A process id
 * alone says nothing: ids are given again, and each container has a process 1.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, platform } from "node:os";
import { nullIfThrows } from "./null-if-throws.ts";
import { errorCode } from "./reason.ts";

/** `MACHINE/NAMESPACES/PID/START`; null where the system does not say. */
export function processMark(pid: number = process.pid): string | null {
  const started = startOf(pid);
  const where = started === null ? null : whereProcessesAre();
  return where === null ? null : `${where}/${pid}/${started}`;
}

/** A mark at the end of a text. */
export function withMark(text: string, mark: string | null = processMark()): string {
  return mark === null ? text : `${text} ${mark}`;
}

/** True only where it is sure: the mark is of this machine and this namespace, and its process is gone. */
export function isMarkOfDeadProcess(text: string): boolean {
  const [, where, pid, started] = / (\S+\/\S+)\/(\d+)\/(\S+)$/.exec(text) ?? [];
  if (where === undefined || pid === undefined || where !== whereProcessesAre()) return false;
  if (!isThere(Number(pid))) return true;
  // Another user's process may be hidden: then it is there, and no more is known.
  const now = startOf(Number(pid));
  return now !== null && now !== started;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

let place: string | null | undefined;

/** The same text means that process ids and start times mean the same. A name of a machine is not enough: two machines may have the same. */
function whereProcessesAre(): string | null {
  place ??= nullIfThrows(() => {
    if (platform() === "darwin") {
      const boot = execFileSync("sysctl", ["-n", "kern.bootsessionuuid"], { stdio: "pipe" });
      return `${boot.toString().trim()}/${hostname()}`;
    }
    // `/proc` may belong to another namespace, where this id is another process (`unshare --pid`).
    if (platform() !== "linux" || readlinkSync("/proc/self") !== String(process.pid)) return null;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${namespaces()}`;
  });
  return place;
}

/** Of process ids, and of the time since the start of the machine, which older systems do not have. */
function namespaces(): string {
  const time = nullIfThrows(() => readlinkSync("/proc/self/ns/time"));
  return [readlinkSync("/proc/self/ns/pid"), ...(time === null ? [] : [time])].join("/");
}

/** When a process began, as the system writes it: two processes with one id differ. A process that has ended and waits for its parent is none. */
function startOf(pid: number): string | null {
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
    const said = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { env, stdio: "pipe" });
    const started = said.toString().trim().replaceAll(/\s+/g, "-");
    return started === "" ? null : started;
  });
}
