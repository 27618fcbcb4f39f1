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
  test("says that it is dead as soon as it was killed, and not before", async () => {
    const { child, mark } = await waiting();
    expect(isMarkOfDeadProcess(mark)).toBe(false);
    await kill(child);
    expect(isMarkOfDeadProcess(mark)).toBe(true);
  });

  test("does not call a stopped process dead", async () => {
    const { child, mark } = await waiting();
    child.kill("SIGSTOP");
    expect(isMarkOfDeadProcess(mark)).toBe(false);
  });

  test("is not this process's, nor unknown to it", () => {
    expect(processMark()).not.toBeNull();
    expect(isMarkOfDeadProcess(withMark("token"))).toBe(false);
  });

  test("tells a process from another one that was given its id", async () => {
    const mark = withMark("token");
    const before = mark.replace(/\/[^/]+$/, "/1");
    expect(isMarkOfDeadProcess(before)).toBe(true);
  });

  test("says nothing of another machine, of another container, and of a text without a mark", async () => {
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

  test("says nothing where /proc belongs to another namespace of process ids", async (context) => {
    const module = new URL("../../src/files/process.ts", import.meta.url).href;
    const program = `import(${JSON.stringify(module)}).then((m) => console.log(String(m.processMark())))`;
    const args = ["--pid", "--fork", process.execPath, "-e", program];
    const made = spawnSync("unshare", args, { encoding: "utf8" });
    if (made.status !== 0) context.skip("unshare --pid is not permitted here");
    expect(made.stdout.trim()).toBe("null");
  });

  test("is left out where there is none", () => {
    expect(withMark("token", null)).toBe("token");
  });
});
