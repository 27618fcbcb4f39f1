import type { Tape } from "../../schema/tape.ts";
import { quote } from "./any-names.ts";

export interface VirtualTables {
  readonly statements: readonly string[];
  readonly rows: readonly string[];
  readonly features: readonly string[];
}

export function anyVirtualTables(tape: Tape, names: readonly string[]): VirtualTables {
  const kinds = [fts5, fts5Vocabulary, rtree, external, contentless];
  const chosen = tape.some(kinds, 2).map((kind) => kind(tape, names));
  return {
    statements: chosen.map(({ sql }) => sql),
    rows: chosen.flatMap(({ rows }) => rows),
    features: chosen.map(({ feature }) => feature),
  };
}

interface VirtualTable {
  readonly feature: string;
  readonly sql: string;
  readonly rows: readonly string[];
}

const WORDS = ["'alpha beta'", "'ünï Beta'", "NULL", "'a'||char(0)||'b'", "x'61'", "17", "''"];

function fts5(tape: Tape): VirtualTable {
  const name = quote(tape.one("fts", "full text's", 'f"x'));
  const setting = tape.one(
    "",
    ", tokenize='porter unicode61'",
    ", prefix='2 3'",
    ", detail=none",
    ", columnsize=0",
    ", tokenize=\"unicode61 tokenchars '-_'\"",
  );
  const count = tape.one(0, 1, 20);
  const rows = Array.from(
    { length: count },
    () => `INSERT INTO ${name} VALUES (${tape.of(WORDS)}, ${tape.of(WORDS)})`,
  );
  const changes = tape.some(
    [
      `DELETE FROM ${name} WHERE rowid = 2`,
      `UPDATE ${name} SET "one" = 'gamma' WHERE rowid = 3`,
      `INSERT INTO ${name}(rowid, "one") VALUES (-9223372036854775808, 'far')`,
      `INSERT INTO ${name}(${name}) VALUES ('optimize')`,
    ],
    4,
  );
  return {
    feature: "fts5",
    sql: `CREATE VIRTUAL TABLE ${name} USING fts5("one", two UNINDEXED${setting})`,
    rows: [...rows, ...changes],
  };
}

function fts5Vocabulary(tape: Tape): VirtualTable {
  const [, of = ""] = tape.one(["", "fts"], ["", "missing"]);
  const sql = `CREATE VIRTUAL TABLE vocabulary USING fts5vocab('${of}', 'row')`;
  return { feature: "fts5vocab", sql, rows: [] };
}

function rtree(tape: Tape): VirtualTable {
  const module = tape.one("rtree", "rtree_i32");
  const rows = Array.from(
    { length: tape.one(0, 3, 120) },
    (_, i) =>
      `INSERT OR IGNORE INTO places VALUES (${i * (tape.next() % 5)}, ${i}, ${i + 1}, 'p${i}')`,
  );
  const sql = `CREATE VIRTUAL TABLE places USING ${module}(id, low, high, +label)`;
  return { feature: "rtree", sql, rows };
}

/** The index of another table, which need not be in step with it. */
function external(tape: Tape, names: readonly string[]): VirtualTable {
  const content = tape.of(names).replaceAll('"', '""');
  return {
    feature: "external content",
    sql: `CREATE VIRTUAL TABLE "outer" USING fts5(a, content="${content}")`,
    rows: [`INSERT INTO "outer"(rowid, a) VALUES (${tape.next()}, 'delta')`],
  };
}

function contentless(tape: Tape): VirtualTable {
  const setting = tape.one("", ", contentless_delete=1");
  return {
    feature: "contentless",
    sql: `CREATE VIRTUAL TABLE bare USING fts5(a, b, content=''${setting})`,
    rows: [`INSERT INTO bare(rowid, a, b) VALUES (${tape.next()}, 'delta', NULL)`],
  };
}
