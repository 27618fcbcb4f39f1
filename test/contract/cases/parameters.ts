import { all, batch, label, type Case } from "../case.ts";

const BOUND: readonly (readonly [sql: string, ...params: unknown[]])[] = [
  ["SELECT ?"], ["SELECT ?", 1], ["SELECT ?", 1, 2], ["SELECT 1", 1], ["SELECT 1"], ["SELECT ?, ?", 1], ["SELECT ?, ?", 1, 2], ["SELECT ?2, ?1", 1, 2],
  ["SELECT ?2", 1], ["SELECT ?2", 1, 2], ["SELECT ?1, ?1", 1], ["SELECT ?1, ?", 1, 2], ["SELECT ?3, ?", 1, 2, 3, 4], ["SELECT ?0", 1], ["SELECT ?100", 1],
  ["SELECT ?101", 1], ["SELECT :a", 1], ["SELECT :a, :b, :a", 1, 2], ["SELECT @a, $a, :a", 1, 2, 3], ["SELECT :a, ?, ?1", 1, 2], ["SELECT ?, :a, ?", 1, 2, 3],
  ["SELECT $a::b(c)", 1], ["SELECT $a::b", 1], ["SELECT :é", 1], ["SELECT :1", 1], ["SELECT '?', ?", 1], ["SELECT \"?\" AS x, ?", 1], ["SELECT `?`, ?", 1],
  ["SELECT [?], ?", 1], ["SELECT /* ? */ ?", 1], ["SELECT ? -- ?", 1], ["SELECT 'it''s ?', ?", 1], ["SELECT '--', ? /* ' */, ?", 1, 2], ["SELECT x'3f', ?", 1],
  ["SELECT 1a?", 1], ["SELECT a$b FROM (SELECT 1 AS a$b)"], ["SELECT 1?", 1], ["SELECT ?a", 1], ["SELECT ??", 1, 2], ["SELECT '{}'->>?", "$"], ["SELECT ? LIMIT ?", 1, 1],
  ["SELECT #1", 1], ["SELECT :", 1], ["SELECT $", 1], ["SELECT @", 1], ["SELECT ?", "a?b:c"], ["SELECT :a :b", 1, 2], ["SELECT 1 /* ?"], ["SELECT '?"],
  ["SELECT ?; SELECT ?", 1], ["SELECT ?; SELECT 2", 1], ["SELECT 1; SELECT ?", 1], ["SELECT 1; SELECT 2", 1], ["SELECT ?;", 1], ["SELECT ? ; ", 1], ["SELECT ?;;", 1],
  ["CREATE TABLE x(a DEFAULT ?)", 1], ["CREATE VIEW x AS SELECT ?", 1], ["CREATE TABLE x(a CHECK(a > ?))", 1], ["CREATE TABLE x AS SELECT ? AS a", 1], ["PRAGMA table_info(?)", "x"],
  ["SELECT * FROM pragma_table_info(?)", "x"], ["VALUES (?, ?)", 1, 2], ["EXPLAIN QUERY PLAN SELECT ?", 1],
  [`SELECT ${Array.from({ length: 100 }, () => "?").join()}`, ...Array.from({ length: 100 }, (_, i) => i)],
  [`SELECT ${Array.from({ length: 101 }, () => "?").join()}`, ...Array.from({ length: 101 }, (_, i) => i)],
  [`SELECT 1`, ...Array.from({ length: 101 }, (_, i) => i)],
];

export const parameters: Case[] = [
  ...BOUND.map(([sql, ...params]): Case => ({
    name: `${label(sql)} with ${params.length < 10 ? JSON.stringify(params) : `${params.length} bound`}`,
    steps: [all(sql, ...params)],
  })),
  {
    name: "a wrong number in a batch undoes the batch",
    steps: [all("CREATE TABLE t(a)"), batch("INSERT INTO t VALUES(1)", ["INSERT INTO t VALUES(?)", 1, 2])],
  },
  {
    name: "bind() of nothing takes parameters away",
    reads: true,
    steps: [(d1) => d1.prepare("SELECT ?").bind(1).bind().all(), (d1) => d1.prepare("SELECT 1").bind(1).bind().all()],
  },
  {
    name: "8,388,642 bytes of text are bound, one more is not",
    reads: true,
    steps: [
      (d1) => d1.prepare("SELECT length(?)").bind("x".repeat(8_388_642)).all(),
      (d1) => d1.prepare("SELECT length(?)").bind("x".repeat(8_388_643)).all(),
      (d1) => d1.prepare("SELECT length(?)").bind("é".repeat(4_194_322)).all(),
    ],
  },
];
