import { expect, test } from "vitest";
import { ATTEMPTS, retry, untilKnown } from "../../src/failure/retry.ts";
import { OpsError } from "../../src/report/error.ts";

const lost = new OpsError(
  "OUTCOME_UNKNOWN",
  { status: null, reason: "gone" },
  { message: "m", hint: "h" },
);

function failing(
  times: number,
  error: unknown,
): { made: number[]; act: (made: number) => Promise<string> } {
  const made: number[] = [];
  return {
    made,
    act: async (count) => {
      made.push(count);
      if (made.length <= times) throw error;
      return "done";
    },
  };
}

test("retry returns the first answer without a wait if nothing fails", async () => {
  const { act, made } = failing(0, lost);
  const waits: number[] = [];
  const after = (): never => {
    throw new Error("asked");
  };
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  expect(await retry(act, { after, sleep })).toBe("done");
  expect([made, waits]).toEqual([[1], []]);
});

test("retry waits as long as `after` says, and counts the attempts from 1", async () => {
  const { act, made } = failing(2, lost);
  const seen: unknown[] = [];
  const answer = await retry(act, {
    sleep: async (ms) => void seen.push(ms),
    after: (error, count) => {
      seen.push([error, count]);
      return { waitMs: count * 10 };
    },
  });
  expect(answer).toBe("done");
  expect(made).toEqual([1, 2, 3]);
  expect(seen).toEqual([[lost, 1], 10, [lost, 2], 20]);
});

test("retry returns the answer that `after` gives for a failure", async () => {
  const { act } = failing(9, lost);
  const sleep = async (): Promise<void> => {};
  expect(await retry(act, { sleep, after: () => ({ answer: "never mind" }) })).toBe("never mind");
});

test("retry throws the error of `after`, and the error of an interrupted wait", async () => {
  const over = new Error("over");
  const sleep = async (): Promise<void> => {
    throw over;
  };
  await expect(retry(failing(9, lost).act, { sleep, after: () => ({ waitMs: 1 }) })).rejects.toBe(
    over,
  );
});

test("untilKnown tries five times while the answer is lost, with increasing waits", async () => {
  const waits: number[] = [];
  const { act, made } = failing(99, lost);
  await expect(
    untilKnown(
      async (ms) => void waits.push(ms),
      async () => act(0),
    ),
  ).rejects.toBe(lost);
  expect(made.length).toBe(ATTEMPTS);
  expect(waits).toEqual([500, 1000, 2000, 4000]);
});

test("untilKnown does not repeat a rejected action", async () => {
  const refused = new Error("D1_ERROR: no such table: t: SQLITE_ERROR");
  const { act, made } = failing(99, refused);
  await expect(
    untilKnown(
      async () => {},
      async () => act(0),
    ),
  ).rejects.toBe(refused);
  expect(made.length).toBe(1);
});
