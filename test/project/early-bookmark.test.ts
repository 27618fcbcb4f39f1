import { describe, expect, test } from "vitest";
import { earlyBookmark } from "../../src/project/way-back.ts";
import type { BookmarkOptions, WriteOptions } from "../../src/project/project-options.ts";
import type { Target } from "../../src/report/report.ts";

const target: Target = { place: "remote", database: "shop-db", id: "1", env: null };

function early(
  options: WriteOptions & BookmarkOptions,
  bookmark: (() => Promise<string>) | null = async () => "bookmark-1",
): Promise<string | null> | null {
  return earlyBookmark({ verb: "migrate apply", options }, { bookmark, target });
}

describe("earlyBookmark", () => {
  test.each<WriteOptions>([{ yes: true }, { confirm: "shop-db" }])(
    "requests the bookmark if the flags confirm the run: %j",
    async (options) => {
      expect(await early(options)).toBe("bookmark-1");
    },
  );

  test.each<WriteOptions>([{}, { yes: false }, { confirm: "another-db" }])(
    "requests no bookmark if the flags do not confirm the run: %j",
    (options) => {
      expect(early(options)).toBeNull();
    },
  );

  test("requests no bookmark without Time Travel", () => {
    expect(early({ yes: true }, null)).toBeNull();
  });

  test("rejects with the error of Time Travel only where the caller awaits the bookmark", async () => {
    const failure = new Error("no network");
    const promise = early({ yes: true }, async () => Promise.reject(failure));
    await expect(promise).rejects.toBe(failure);
  });
});
