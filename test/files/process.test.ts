import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { isMarkOfDeadProcess, processMark, withMark } from "../../src/files/process.ts";

/** A process that waits until it is killed. */
async function waiting(): Promise<{ readonly child: ChildProcess; readonly mark: string }> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return { child, mark: withMark("token", processMark(child.pid)) };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

describe("the mark of a process", () => {
  test("is the mark of a dead process after the process was killed, and not before", async () => {
    const { child, mark } = await waiting();
    expect(isMarkOfDeadProcess(mark)).toBe(false);
    await kill(child);
    expect(isMarkOfDeadProcess(mark)).toBe(true);
  });

  test("is not the mark of a dead process while the process is only stopped", async () => {
    const { child, mark } = await waiting();
    child.kill("SIGSTOP");
    expect(isMarkOfDeadProcess(mark)).toBe(false);
  });

  test("exists for this process, which is not dead", () => {
    expect(processMark()).not.toBeNull();
    expect(isMarkOfDeadProcess(withMark("token"))).toBe(false);
  });

  test("differs between two processes with the same id", async () => {
    const mark = withMark("token");
    const before = mark.replace(/\/[^/]+$/, "/1");
    expect(isMarkOfDeadProcess(before)).toBe(true);
  });

  test("does not count as dead from another machine, from another container, or if it is missing", async () => {
    const { child, mark } = await waiting();
    await kill(child);
    const [token = "", place = ""] = mark.split(" ");
    const [machine = "", namespace = "", ...rest] = place.split("/");
    expect(isMarkOfDeadProcess(`${token} ${["elsewhere", namespace, ...rest].join("/")}`)).toBe(
      false,
    );
    expect(isMarkOfDeadProcess(`${token} ${[machine, "pid:[1]", ...rest].join("/")}`)).toBe(false);
    expect(isMarkOfDeadProcess("token")).toBe(false);
    expect(isMarkOfDeadProcess("9b2f-4c1d")).toBe(false);
  });

  test("is null if /proc belongs to another namespace of process ids", async (context) => {
    const module = new URL("../../src/files/process.ts", import.meta.url).href;
    const program = `import(${JSON.stringify(module)}).then((m) => console.log(String(m.processMark())))`;
    const args = ["--pid", "--fork", process.execPath, "-e", program];
    const made = spawnSync("unshare", args, { encoding: "utf8" });
    if (made.status !== 0) context.skip("unshare --pid is not permitted here");
    expect(made.stdout.trim()).toBe("null");
  });

  test("is not appended if it is null", () => {
    expect(withMark("token", null)).toBe("token");
  });
});
