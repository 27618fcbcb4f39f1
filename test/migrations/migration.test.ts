import { describe, expect, test } from "vitest";
import { hashes } from "../../src/files/hash.ts";
import { mentions, parseMigration, unreadableMigration } from "../../src/migrations/migration.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";

const SOURCE = {
  name: "0001_a.sql",
  file: "migrations/0001_a.sql",
  text: "-- d1ops:requires backfill phones\n-- d1ops:nothing\nSELECT 1;  SELECT 2;",
};

describe("parseMigration", () => {
  test("computes the checksum once, on first use", () => {
    const hashed: string[] = [];
    const sha256 = (text: string | Iterable<string>): string => {
      hashed.push(Array.from(text).join(""));
      return "hash";
    };
    const one = parseMigration(SOURCE, { ...hashes, sha256 });
    expect([one.name, one.text]).toEqual(["0001_a.sql", SOURCE.text]);
    expect(hashed).toEqual([]);
    expect(one.statements).toHaveLength(2);
    expect([one.checksum, one.checksum]).toEqual(["hash", "hash"]);
    expect(hashed).toEqual(["SELECT 1 ;\nSELECT 2 ;\n"]);
  });

  test("splits the text and reads its directives once", () => {
    const one = parseMigration(SOURCE, hashes);
    expect(one.requires).toEqual(["phones"]);
    expect(one.misspelt).toEqual([{ line: 2, text: "-- d1ops:nothing" }]);
    expect(one.statements).toBe(one.statements);
    expect(one.requires).toBe(one.requires);
    expect(one.misspelt).toBe(one.misspelt);
  });

  test.each([
    ["UPDATE D1_Migrations SET name = 'x';", "d1_migrations", true],
    ["UPDATE d1_migrations SET name = 'x';", "D1_MIGRATIONS", true],
    ["UPDATE users SET name = 'x';", "d1_migrations", false],
  ])("finds the ledger's name with mentions() in any case: %s, %s", (text, table, expected) => {
    expect(mentions(migration("0001.sql", text), table)).toBe(expected);
  });
});

test("unreadableMigration has a name and a checksum, and throws its error for everything else", () => {
  const error = new OpsError(
    "MIGRATION_NOT_UTF8",
    { path: SOURCE.file, line: 1, byte: 2 },
    { message: "Not UTF-8.", hint: "Save it as UTF-8." },
  );
  const { name, file } = SOURCE;
  const textMark = (): string => "mark";
  const one = unreadableMigration({ name, file, checksum: "hash", textMark }, error);
  expect([one.name, one.file, one.checksum, one.unreadable]).toEqual([name, file, "hash", error]);
  for (const key of ["text", "statements", "requires", "misspelt"] as const) {
    expect(() => one[key]).toThrow(error);
  }
});
