import { expect, test } from "vitest";
import { collectGarbage } from "../../src/database/garbage.ts";

const turn = (): Promise<void> => new Promise((resume) => setImmediate(resume));

test.each([2000, 4000])("collectGarbage collects at statement %i of a batch", async (index) => {
  const ref = new WeakRef({ statement: "x" });
  // V8 keeps a weak reference alive until the end of the turn that made it.
  await turn();
  collectGarbage(index);
  await turn();
  expect(ref.deref()).toBeUndefined();
});
