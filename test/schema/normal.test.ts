import { expect, test } from "vitest";
import { lexemes } from "../../src/sql/lexemes.ts";
import {
  type IsName,
  normalArgument,
  normalDefault,
  normalExpression,
  normalType,
} from "../../src/schema/normal.ts";

const isName: IsName = (name) => ["a", "b", "left", "order", "a b", ">", "it's"].includes(name);

test.each([
  ["a>0", "a > 0"],
  ["((A >\n0))", "a > 0"],
  ["(a)+(b)", "(a) + (b)"],
  ['"A" [>] `b`', 'a ">" b'],
  ["a==1 and b<>2", "a = 1 AND b != 2"],
  ["a -- not b\n/* nor c */ is not null", "a IS NOT NULL"],
  ["-5", "-5"],
  ["- - 5", "- -5"],
  ["a - - 5", "a - -5"],
  ["a-5", "a - 5"],
  ["a*-b", "a * -b"],
  ["~a", "~a"],
  ["Length( a )>3", "length(a) > 3"],
  ["a in(1,2 , 3)", "a IN (1, 2, 3)"],
  ["a->>'$.B'", "a ->> '$.B'"],
  ["'It''s  -- (THIS)'", "'It''s  -- (THIS)'"],
  ['"It""s"', "'It\"s'"],
  ["[It's]", '"it\'s"'],
  ['"is \'it"', "'is ''it'"],
  ["0X1F + 1_000 + 1E3 + .5", "0x1f + 1000 + 1e3 + .5"],
  ["x'aBcD'", "X'ABCD'"],
  ['"a"."X"', "a.x"],
  ["'t'.'X'", "t.x"],
  ['"Max"("x")', "max('x')"],
  ["a collate NoCase", "a COLLATE nocase"],
  ["a COLLATE 'NoCase'", "a COLLATE nocase"],
  ['CAST(a AS "Some Type")', 'cast(a AS "some type")'],
  ["Left > 1", '"left" > 1'],
  ["a LEFT JOIN b", "a LEFT JOIN b"],
  ["a natural left outer join b", "a NATURAL LEFT OUTER JOIN b"],
  ['a "left" join b', 'a "left" JOIN b'],
  ['"order" > 1', '"order" > 1'],
  ["order by a", "ORDER BY a"],
  ['"ORDER" "by"', "\"order\" 'by'"],
  ["größe", "größe"],
  ["GRÖSSE", "grÖsse"],
  [
    "case when a then null else current_timestamp end",
    "CASE WHEN a THEN NULL ELSE CURRENT_TIMESTAMP end",
  ],
  ["a is distinct from 'Abc'", "a IS DISTINCT FROM 'Abc'"],
  ['a IS NOT DISTINCT FROM "Abc"', "a IS NOT DISTINCT FROM 'Abc'"],
  ["select distinct a from 'T'", "SELECT DISTINCT a FROM t"],
  ["a; b ;", "a; b;"],
  ["?1 + :Name", "?1 + :Name"],
  ["", ""],
  ["(a", "(a"],
  ["a)", "a)"],
])("normalExpression turns %s into %s", (sql, expected) => {
  const text = normalExpression(lexemes(sql), isName);
  expect(text).toBe(expected);
  expect(normalExpression(lexemes(text), isName)).toBe(text);
});

test("normalExpression keeps the quotes of a word that may be a string or a name", () => {
  const unsure: IsName = (name) => name === "a" || null;
  expect(normalExpression(lexemes('"A" = "B"'), unsure)).toBe('a = "B"');
  expect(normalExpression(lexemes('"A" = "B"'))).toBe("a = b");
  expect(normalExpression(lexemes('"A" = "B"'), () => false)).toBe("'A' = 'B'");
});

test.each([
  ["varchar ( 20 )", "VARCHAR(20)"],
  ["unsigned\n big /* huge */ int", "UNSIGNED BIG INT"],
  ["DECIMAL (10 , -2)", "DECIMAL(10,-2)"],
  ["größe", "GRößE"],
  ["", ""],
])("normalType turns %s into %s", (type, expected) => {
  expect(normalType(type)).toBe(expected);
});

test.each([
  ["NULL", null],
  ["( null )", null],
  ["'NULL'", "'NULL'"],
  ["x", "'x'"],
  ['"X y"', "'X y'"],
  ["[null]", "'null'"],
  ["`true`", "'true'"],
  ["TRUE", "true"],
  ["current_date", "CURRENT_DATE"],
  ["(('x'))", "'x'"],
  ["+ 5", "+5"],
  ["lower('X') || \"y\"", "lower('X') || 'y'"],
])("normalDefault turns %s into %s", (sql, expected) => {
  expect(normalDefault(sql)).toBe(expected);
});

test.each([
  ["Title", "title"],
  ['"Title"', "title"],
  ["content = ''", "content=''"],
  ['content="Docs"', "content=docs"],
  ["tokenize = \"unicode61 separators ' = '\"", "tokenize='unicode61 separators '' = '''"],
  ["body UNINDEXED", "body unindexed"],
])("normalArgument turns %s into %s", (sql, expected) => {
  expect(normalArgument(lexemes(sql))).toBe(expected);
});
