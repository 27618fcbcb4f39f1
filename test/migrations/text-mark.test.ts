import { array, assert, boolean, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Applied } from "../../src/migrations/ledger.ts";
import { type Migration, parseMigration } from "../../src/migrations/migration.ts";
import { hashes } from "../../src/files/hash.ts";
import { compareWithLedger } from "../../src/migrations/comparison.ts";
import { applied, migration } from "./make.ts";

/** A row as d1ops writes it when it applies this migration. */
function marked(of: Migration): Applied {
  const row = applied(1, of);
  const record = row.record && { ...row.record, textMark: of.textMark(of.checksum) };
  return { ...row, record };
}

function changed(file: Migration, row: Applied): boolean {
  return compareWithLedger([file], [row]).changed.length > 0;
}

const PIECES = ["SELECT", " ", "\n", "1", "'a'", "-- c\n", "/* c */", ";", '"x"', "é", "\uFEFF"];
const text = array(constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(""));

describe("the mark of a text", () => {
  test("never changes the result of the checksums, for any applied text and any current file", () => {
    assert(
      property(text, text, boolean(), (before, other, edited) => {
        const was = migration("0001.sql", before);
        const now = migration("0001.sql", edited ? other : before);
        expect(changed(now, marked(was))).toBe(was.checksum !== now.checksum);
      }),
      { numRuns: 500 },
    );
  });

  test("avoids computing the checksum of a file with the same text", () => {
    const was = migration("0001.sql", "SELECT 1;");
    const sha256 = (): never => {
      throw new Error("the file was split into tokens");
    };
    const file = parseMigration(was, { ...hashes, sha256 });
    expect(changed(file, marked(was))).toBe(false);
  });

  test("is ignored once an older d1ops has applied the migration again and recorded another checksum", () => {
    const was = migration("0001.sql", "SELECT 1;");
    const row = marked(was);
    const record = row.record && {
      ...row.record,
      checksum: migration("0001.sql", "SELECT 2;").checksum,
    };
    expect(changed(was, { ...row, record })).toBe(true);
  });
});
