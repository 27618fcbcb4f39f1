import { describe, expect, test } from "vitest";
import { joinRun } from "../../../src/snapshots/rows/join-rows.ts";
import type { ReadText } from "../../../src/snapshots/rows/side.ts";
import type { TableChunk } from "../../../src/snapshots/store/manifest.ts";
import { pairTables } from "../../../src/snapshots/rows/pair-rows.ts";

const pairing = pairTables({ columns: ["id"], key: ["id"] }, { columns: ["id"], key: ["id"] });

/** Chunks of ten rows each, with the keys that `literal` makes of these numbers. */
function chunks(
  first: number,
  count: number,
  literal: (key: number) => string,
): { readonly all: TableChunk[]; readonly textOf: ReadText } {
  const texts = new Map<TableChunk, string>();
  for (let i = 0; i < count; i += 1) {
    const keys = Array.from({ length: 10 }, (_, k) => literal(first + i * 10 + k));
    const from = i === 0 ? null : (keys[0] ?? null);
    const chunk = { id: "", bytes: 0, pack: 0, at: 0, stored: 0, base: null, rows: 10, from };
    texts.set(chunk, keys.map((key) => `(${key})`).join(",\n"));
  }
  return { all: [...texts.keys()], textOf: async (chunk) => texts.get(chunk) ?? "" };
}

/** Joins both sides, and returns the most rows that were read and had not been settled, and what was settled. */
async function join(
  left: ReturnType<typeof chunks>,
  right: ReturnType<typeof chunks>,
): Promise<{ most: number; added: number; removed: number }> {
  let open = 0;
  let most = 0;
  const found = { added: 0, removed: 0 };
  const counted =
    (textOf: ReadText): ReadText =>
    async (chunk) => {
      open += chunk.rows;
      most = Math.max(most, open);
      return textOf(chunk);
    };
  await joinRun(
    { left: left.all, right: right.all },
    { pairing, read: { left: counted(left.textOf), right: counted(right.textOf) } },
    {
      pair(before, after) {
        open -= (before === null ? 0 : 1) + (after === null ? 0 : 1);
        if (before === null) found.added += 1;
        if (after === null) found.removed += 1;
      },
      count: () => {},
      wantsRows: () => true,
    },
  );
  expect(open).toBe(0);
  return { most, ...found };
}

describe("the rows of a run that is a whole table", () => {
  test.each([
    ["lower", -1_000_000],
    ["higher", 1_000_000],
    ["mixed with the old ones", 5],
  ])("need the memory of a few chunks if the new integer keys are %s", async (_, first) => {
    const numbered = (key: number): string => `${key * 20}`;
    const shifted = (key: number): string => `${key * 20 + 1}`;
    const found = await join(chunks(0, 200, numbered), chunks(first, 200, shifted));
    expect(found).toMatchObject({ added: 2000, removed: 2000 });
    expect(found.most).toBeLessThanOrEqual(40);
  });

  test("need the memory of a few chunks if both sides have the same texts as keys", async () => {
    const text = (key: number): string => `'key ${key}'`;
    const found = await join(chunks(0, 200, text), chunks(5, 200, text));
    expect(found).toMatchObject({ added: 5, removed: 5 });
    expect(found.most).toBeLessThanOrEqual(40);
  });

  test("are matched beyond 2^53, where numbers of JavaScript are not exact", async () => {
    const big = (key: number): string => `${9_007_199_254_740_992n + BigInt(key)}`;
    expect(await join(chunks(0, 50, big), chunks(1, 50, big))).toMatchObject({
      added: 1,
      removed: 1,
    });
  });
});
