import { describe, expect, test } from "vitest";
import { sizesOf } from "../../../src/snapshots/store/sizes.ts";
import {
  age,
  contentText,
  moment,
  shortIds,
  size,
  sourceText,
} from "../../../src/snapshots/report/snapshot-words.ts";
import { chunk, file, handMade, table } from "../hand-made.ts";

describe("the words for a snapshot", () => {
  test("an id is shortened to eight digits, and to more if another one begins with them", () => {
    const one = "0123456789".padEnd(64, "a");
    const other = "0123456788".padEnd(64, "a");
    const far = "ff".padEnd(64, "a");
    const short = shortIds([one, other, far]);
    expect([one, other, far].map(short)).toEqual(["0123456789", "0123456788", "ffaaaaaa"]);
    expect(short("abcdef0123456789")).toBe("abcdef01");
  });

  test.each([
    ["2026-11-28T10:00:00.000Z", "0 s ago"],
    ["2026-11-28T09:59:01.000Z", "59 s ago"],
    ["2026-11-28T09:59:00.000Z", "1 min ago"],
    ["2026-11-28T09:00:00.000Z", "1 h ago"],
    ["2026-11-26T10:00:01.000Z", "47 h ago"],
    ["2026-11-26T10:00:00.000Z", "2 days ago"],
    ["2020-11-28T10:00:00.000Z", "2,191 days ago"],
    ["2026-11-28T11:00:00.000Z", "0 s ago"],
  ])("%s was %s", (takenAt, words) => {
    expect(age(takenAt, new Date("2026-11-28T10:00:00.000Z"))).toBe(words);
  });

  test.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [12_345_678, "12.3 MB"],
    [1_500_000_000, "1.5 GB"],
    [2_500_000_000_000_000, "2500.0 TB"],
  ])("%i bytes are %s", (bytes, words) => expect(size(bytes)).toBe(words));

  test("a time is written to the second, in UTC", () => {
    expect(moment("2026-11-28T10:00:12.345Z")).toBe("2026-11-28 10:00:12 UTC");
  });

  test("the stored size counts each frame once, and the frames of bases too", () => {
    const base = { id: "z", bytes: 100, pack: 0, at: 5000, stored: 7 };
    const { manifest } = handMade("a", {
      tables: [table("users", "a", "b"), table("logs", "a")],
      files: [
        {
          ...file("x.txt", "c"),
          chunks: [
            { ...chunk("c"), base },
            { ...chunk("d"), base },
          ],
        },
      ],
    });
    expect(sizesOf(manifest)).toEqual({ rows: 30, bytes: 500, storedBytes: 47 });
  });

  test.each([
    [handMade("a", { tables: [table("users", "a")] }), "1 table, 10 rows, 100 bytes"],
    [
      handMade("a", { tables: [table("users", "a"), table("logs")], files: [file("x", "x")] }),
      "2 tables, 10 rows, 1 file, 200 bytes",
    ],
    [handMade("a", { files: [file("x", "x"), file("y", "y")] }), "2 files, 200 bytes"],
  ])("names what a snapshot contains (case %#)", ({ manifest }, words) => {
    expect(contentText(manifest)).toBe(words);
  });

  test("names the database and its place, or says that there are only files", () => {
    expect(sourceText(handMade("a", { tables: [] }).manifest)).toBe("shop-db (local)");
    expect(sourceText(handMade("a", { files: [] }).manifest)).toBe("files only");
  });
});
