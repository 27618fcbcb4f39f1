import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { Database } from "../../src/database/port.ts";
import { withProject } from "../../src/project/project.ts";
import { makeProject } from "../project.ts";

/** Runs a verb that opens two databases. Those in `failing` throw an error when they are closed. */
async function run(failing: readonly string[], verbFails: boolean) {
  const closed: string[] = [];
  const database = (name: string): Database => ({
    ...openMemory(),
    close() {
      closed.push(name);
      if (failing.includes(name)) throw new Error(`closing ${name} failed`);
    },
  });
  const outcome = await withProject(
    "migrate status",
    { cwd: makeProject().dir },
    async (opened) => {
      opened.closing(database("first"));
      opened.closing(database("second"));
      if (verbFails) throw new Error("the verb failed");
      return { outcome: "ok", summary: "done" };
    },
  ).then(
    () => "done",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );
  return { closed, outcome };
}

describe("a verb that opened two databases", () => {
  test.each([
    ["closes the last one first", [], false, "done"],
    ["closes the last one first when it fails", [], true, "the verb failed"],
    [
      "fails with the error of closing, and closes the other",
      ["second"],
      false,
      "closing second failed",
    ],
    ["reports its own error, not that of closing", ["first", "second"], true, "the verb failed"],
  ])("%s", async (_, failing, verbFails, message) => {
    expect(await run(failing, verbFails)).toEqual({
      closed: ["second", "first"],
      outcome: message,
    });
  });
});
