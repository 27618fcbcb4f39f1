import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  BookmarkOptions,
  ProjectOptions,
  WriteOptions,
} from "../../src/project/project-options.ts";
import { earlyBookmark, wayBackCommand, wayBackFinding } from "../../src/project/way-back.ts";
import type { Target } from "../../src/report/report.ts";

const BOOKMARK = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";

const target = (database: string): Target => ({ place: "remote", database, id: "1", env: null });

describe("the command that restores a database", () => {
  test.each<[string, ProjectOptions, string]>([
    ["shop-db", {}, ""],
    ["shop-db", { env: "staging" }, " --env staging"],
    ["shop-db", { env: "" }, ' --env ""'],
    ["shop-db", { config: "apps/shop/wrangler.jsonc" }, " -c apps/shop/wrangler.jsonc"],
    ["shop-db", { env: "a b", config: "it's.toml" }, ` --env 'a b' -c "it's.toml"`],
    ["shop-db", { db: "DB", place: "remote", persistTo: "x", cwd: "/y" }, ""],
  ])("has the flags that reach the database: %s, %j", (database, options, flags) => {
    expect(wayBackCommand(target(database), BOOKMARK, options)).toBe(
      `npx wrangler d1 time-travel restore ${database} --bookmark=${BOOKMARK}${flags}`,
    );
  });

  test.each([
    "my db",
    "$(rm -rf x)",
    "a;b",
    "it's",
    "`x`",
    "a&b",
    '"',
    "*",
    "~",
    "é",
    "a\nb",
    "!x",
  ])("quotes a name with special characters: %j", (name) => {
    expect(wordsOf(wayBackCommand(target(name), BOOKMARK, {}))).toContain(name);
  });
});

/** The words as a shell parses them, without executing anything. */
function wordsOf(command: string): string[] {
  const script = `npx() { printf '%s\\0' "$@"; }; ${command}`;
  const said = execFileSync("/bin/sh", ["-c", script], {
    env: {},
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return said.split("\0").slice(0, -1);
}

test("the command that restores a database is parsed by a shell into the same words, whatever the names", () => {
  const text = fc
    .string({ unit: "binary", minLength: 1, maxLength: 12 })
    .filter((one) => !one.includes("\0") && one.isWellFormed());
  const odd = fc
    .array(
      fc.constantFrom("'", '"', "\\", "$", "`", " ", "\n", "a", ";", "&", "(", "*", "!", "#"),
      {
        minLength: 1,
      },
    )
    .map((parts) => parts.join(""));
  const name = fc.oneof(text, odd);
  fc.assert(
    fc.property(name, name, name, name, (database, env, config, bookmark) => {
      const command = wayBackCommand(target(database), bookmark, { env, config });
      expect(wordsOf(command)).toEqual([
        "wrangler",
        "d1",
        "time-travel",
        "restore",
        database,
        `--bookmark=${bookmark}`,
        "--env",
        env,
        "-c",
        config,
      ]);
    }),
    { numRuns: 60, seed: 2 },
  );
});

test("the finding about a restore explains what the restore undoes", () => {
  expect(wayBackFinding(target("shop-db"), BOOKMARK)).toEqual({
    rule: "way-back",
    level: "info",
    message: `The bookmark of shop-db before the first write of this run is ${BOOKMARK}.`,
    help: expect.stringContaining("also those of other clients"),
    data: { bookmark: BOOKMARK },
  });
});

function early(
  options: WriteOptions & BookmarkOptions,
  bookmark: (() => Promise<string>) | null = async () => "bookmark-1",
): Promise<string | null> | null {
  return earlyBookmark({ verb: "migrate apply", options }, { bookmark, target: target("shop-db") });
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
