import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { oversizeOf, REQUEST_BYTES, STATEMENT_BYTES } from "../../src/migrations/unrunnable.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { migration } from "./make.ts";

/** A statement of exactly `bytes` bytes, filled with `character`. */
function statementOf(bytes: number, character = "x"): string {
  const frame = "SELECT '';".length;
  const each = Buffer.byteLength(character);
  const whole = Math.floor((bytes - frame) / each);
  return `SELECT '${character.repeat(whole)}${"x".repeat(bytes - frame - whole * each)}';`;
}

describe("oversizeOf a statement", () => {
  test.each<[number, string, boolean]>([
    [STATEMENT_BYTES - 1, "x", false],
    [STATEMENT_BYTES, "x", false],
    [STATEMENT_BYTES + 1, "x", true],
    [STATEMENT_BYTES, "é", false],
    [STATEMENT_BYTES + 1, "é", true],
    [STATEMENT_BYTES, "€", false],
    [STATEMENT_BYTES + 1, "€", true],
    [STATEMENT_BYTES, "😀", false],
    [STATEMENT_BYTES + 1, "😀", true],
    [10, "x", false],
  ])("has D1's limit: %i bytes of %s are too large: %s", async (bytes, character, tooLarge) => {
    const text = statementOf(bytes, character);
    expect(Buffer.byteLength(text)).toBe(bytes);
    const one = migration("0001.sql", text);
    expect(oversizeOf(one)).toEqual(
      tooLarge
        ? { kind: "too-large", migration: one, statement: 0, bytes, limit: STATEMENT_BYTES }
        : null,
    );
    const { d1, close } = openMemory();
    const ran = await d1
      .prepare(text)
      .run()
      .then(
        () => "ran",
        (error: unknown) => String(error),
      );
    close();
    expect(ran).toMatch(tooLarge ? /too long/ : /^ran$/);
  });

  test("returns the index of the first one that is too large", () => {
    const text = ["SELECT 1;", statementOf(100_500), "SELECT 2;", statementOf(200_000)].join("\n");
    expect(oversizeOf(migration("0001.sql", text))).toMatchObject({ statement: 1, bytes: 100_500 });
  });

  test("allows statements and comments that are longer together", () => {
    const text = `${statementOf(90_000)}\n`.repeat(5) + `-- ${"x".repeat(300_000)}\n`;
    expect(oversizeOf(migration("0001.sql", text))).toBeNull();
  });
});

describe("oversizeOf a file", () => {
  const file = (bytes: number): Migration => ({
    name: "0001.sql",
    file: "migrations/0001.sql",
    text: "-".repeat(bytes),
    requires: [],
    misspelt: [],
    statements: [],
    isSplit: false,
    checksum: "",
    textMark: () => "",
  });

  test("reports a file of one byte more than a request can carry", () => {
    expect(oversizeOf(file(REQUEST_BYTES))).toBeNull();
    const one = file(REQUEST_BYTES + 1);
    expect(oversizeOf(one)).toEqual({
      kind: "too-large",
      migration: one,
      statement: null,
      bytes: REQUEST_BYTES + 1,
      limit: REQUEST_BYTES,
    });
  });

  test("returns null for a short file without splitting it", () => {
    const short: Migration = {
      ...file(1000),
      get statements(): never {
        throw new Error("cut");
      },
    };
    expect(oversizeOf(short)).toBeNull();
  });
});
