import { describe, expect, test } from "vitest";
import { parseSqlBackfill } from "../../src/backfills/parse-sql.ts";
import { OpsError } from "../../src/report/error.ts";

function parse(text: string): ReturnType<typeof parseSqlBackfill> {
  return parseSqlBackfill({
    name: "0001_fill",
    file: "backfills/0001_fill.sql",
    text,
    checksum: "c",
  });
}

const HEAD = "-- d1ops:source users\n-- d1ops:key id\n";
const WRITE = "-- d1ops:write\nUPDATE users SET n = 1 WHERE id IN (SELECT id FROM todo);\n";

describe("a file with every part", () => {
  const all = parse(`
-- What it is for.

-- d1ops:after 0004_core.sql
-- d1ops:source
SELECT id, tenant FROM users -- those of today
-- d1ops:key tenant, id
-- d1ops:outcome
CASE WHEN tenant IS NULL THEN 'invalid: no tenant; at all' ELSE 'changed' END -- what else
-- d1ops:write
UPDATE users SET n = 1 WHERE id IN (SELECT id FROM todo);
-- and then
INSERT INTO log SELECT id FROM todo
-- d1ops:reconcile
SELECT id FROM users WHERE n IS NULL;
`);

  test("is parsed into each of its parts", () => {
    expect(all).toEqual({
      kind: "sql",
      name: "0001_fill",
      file: "backfills/0001_fill.sql",
      checksum: "c",
      after: "0004_core.sql",
      source: "SELECT id, tenant FROM users",
      key: ["tenant", "id"],
      outcome: "CASE WHEN tenant IS NULL THEN 'invalid: no tenant; at all' ELSE 'changed' END",
      writes: [
        "UPDATE users SET n = 1 WHERE id IN (SELECT id FROM todo)",
        "INSERT INTO log SELECT id FROM todo",
      ],
      reconcile: "SELECT id FROM users WHERE n IS NULL",
    });
  });
});

test.each([
  ["only the required parts", HEAD + WRITE],
  ["its parts in another order", `${WRITE}${HEAD}`],
  ["CRLF line ends", (HEAD + WRITE).replaceAll("\n", "\r\n")],
  ["no space before the word", (HEAD + WRITE).replaceAll("-- d1ops", "--d1ops")],
  [
    "comments below a value",
    `-- d1ops:source users\n-- all of them\n/* yes */\n-- d1ops:key id\n${WRITE}`,
  ],
  ["no line feed at its end", (HEAD + WRITE).trimEnd()],
])("parses a file that has %s", (_, text) => {
  expect(parse(text)).toMatchObject({ source: "users", key: ["id"], after: null, outcome: null });
});

test.each<[name: string, text: string, line: number | null, problem: string]>([
  ["an empty file", "", null, "the line `-- d1ops:write` is missing"],
  ["no source", `-- d1ops:key id\n${WRITE}`, null, "the line `-- d1ops:source` is missing"],
  ["no key", `-- d1ops:source users\n${WRITE}`, null, "the line `-- d1ops:key` is missing"],
  ["SQL before anything", `UPDATE users SET n = 1;\n${HEAD}${WRITE}`, 1, "must begin with a line"],
  ["an unknown word", `${HEAD}-- d1ops:wirte\n${WRITE}`, 3, "`d1ops:wirte` is not a part"],
  [
    "a word of an object's prototype",
    `${HEAD}-- d1ops:constructor x\n${WRITE}`,
    3,
    "`d1ops:constructor` is not a part",
  ],
  ["a word in capitals", `${HEAD}-- d1ops:Write\n`, 3, "`d1ops:Write` is not a part"],
  ["a word twice", `${HEAD}-- d1ops:key id\n${WRITE}`, 3, "appears twice"],
  [
    "a key without a value",
    `-- d1ops:source users\n-- d1ops:key\n${WRITE}`,
    2,
    "needs a value on its line",
  ],
  [
    "an outcome on its line",
    `${HEAD}-- d1ops:outcome 'changed'\n${WRITE}`,
    3,
    "must be alone on its line",
  ],
  [
    "SQL below a key, which d1ops would ignore",
    `-- d1ops:source users\n-- d1ops:key id\n\nUPDATE users SET n = 1;\n${WRITE}`,
    4,
    "so no SQL may follow it",
  ],
  [
    "SQL below a source that is on its line",
    `-- d1ops:source users\nWHERE n IS NULL\n-- d1ops:key id\n${WRITE}`,
    2,
    "so no SQL may follow it",
  ],
  [
    "a column without a name",
    `-- d1ops:source users\n-- d1ops:key a,, b\n${WRITE}`,
    2,
    "without a name",
  ],
  ["a column twice", `-- d1ops:source users\n-- d1ops:key a, a\n${WRITE}`, 2, "twice"],
  [
    "five columns",
    `-- d1ops:source users\n-- d1ops:key a,b,c,d,e\n${WRITE}`,
    2,
    "at most 4 columns",
  ],
  [
    "a source of two queries",
    `-- d1ops:source\nSELECT 1; SELECT 2\n-- d1ops:key id\n${WRITE}`,
    1,
    "needs exactly one SELECT",
  ],
  [
    "a source that writes",
    `-- d1ops:source\nDELETE FROM users RETURNING id\n-- d1ops:key id\n${WRITE}`,
    1,
    "needs exactly one SELECT",
  ],
  ["an empty source", `-- d1ops:source\n-- d1ops:key id\n${WRITE}`, 1, "needs exactly one SELECT"],
  ["nothing written", `${HEAD}-- d1ops:write\n-- later\n`, 3, "has no statement below it"],
  [
    "a write that reads",
    `${HEAD}-- d1ops:write\n\nUPDATE users SET n = 1;\nSELECT 1;\n`,
    6,
    "this writes nothing: SELECT 1",
  ],
  [
    "a write that makes a table",
    `${HEAD}-- d1ops:write\nCREATE TABLE x(a);\n`,
    4,
    "only INSERT, UPDATE, DELETE",
  ],
  ["an empty outcome", `${HEAD}-- d1ops:outcome\n${WRITE}`, 3, "needs exactly one expression"],
  [
    "an outcome of two",
    `${HEAD}-- d1ops:outcome\n'changed'; 'skipped'\n${WRITE}`,
    3,
    "needs exactly one expression",
  ],
  [
    "a reconciliation that writes",
    `${HEAD}${WRITE}-- d1ops:reconcile\nDELETE FROM users\n`,
    5,
    "needs exactly one SELECT",
  ],
  [
    "{window} beside an outcome",
    `${HEAD}-- d1ops:outcome\n'changed'\n-- d1ops:write\n\nUPDATE users SET n = 1 WHERE {window}\n`,
    7,
    "`todo`",
  ],
])("rejects a file with line and problem: %s", (_, text, line, problem) => {
  let thrown: unknown;
  try {
    parse(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(OpsError);
  expect(thrown).toMatchObject({
    code: "BACKFILL_INVALID",
    details: { path: "backfills/0001_fill.sql", line },
    hint: expect.stringContaining("docs/backfills.md"),
  });
  const where = line === null ? "backfills/0001_fill.sql: " : `backfills/0001_fill.sql:${line}: `;
  expect(String(thrown)).toContain(where);
  expect(String(thrown)).toContain(problem);
});
