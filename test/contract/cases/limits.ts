import { all, type Case } from "../case.ts";

const many = (n: number, text: string | ((i: number) => string), between = ","): string =>
  Array.from({ length: n }, (_, i) => (typeof text === "string" ? text : text(i))).join(between);

const bytes = (n: number): string => `SELECT '${"x".repeat(n - "SELECT '' AS x".length)}' AS x`;

/** Each limit, at it and beyond it. */
const edges: { readonly [what: string]: readonly string[] } = {
  "100,000 bytes of statement": [
    bytes(100_000),
    bytes(100_001),
    `SELECT '${"é".repeat(49_991)}'`,
    `SELECT '${"é".repeat(49_996)}'`,
  ],
  "100,000 bytes of several statements": [
    `${bytes(50_000)};${bytes(49_999)}`,
    `${bytes(50_000)};${bytes(50_000)}`,
  ],
  "100 columns of a table": [
    `CREATE TABLE w(${many(100, (i) => `c${i}`)})`,
    `CREATE TABLE w(${many(101, (i) => `c${i}`)})`,
  ],
  "100 columns of a result": [`SELECT ${many(100, "1")}`, `SELECT ${many(101, "1")}`],
  "100 terms of ORDER BY": [
    `SELECT 1 AS a ORDER BY ${many(100, "a")}`,
    `SELECT 1 AS a ORDER BY ${many(101, "a")}`,
  ],
  "100 terms of GROUP BY": [
    `SELECT 1 AS a GROUP BY ${many(100, "a")}`,
    `SELECT 1 AS a GROUP BY ${many(101, "a")}`,
  ],
  "127 arguments": [
    `SELECT max(${many(127, "1")})`,
    `SELECT max(${many(128, "1")})`,
    `SELECT json_array(${many(128, "1")})`,
  ],
  "50 bytes of LIKE": [
    `SELECT 'a' LIKE '${"x".repeat(50)}'`,
    `SELECT 'a' LIKE '${"x".repeat(51)}'`,
    `SELECT 'a' LIKE '${"é".repeat(26)}'`,
  ],
  "50 bytes of GLOB": [
    `SELECT 'a' GLOB '${"x".repeat(50)}'`,
    `SELECT 'a' GLOB '${"x".repeat(51)}'`,
  ],
  "5 terms of a compound SELECT": [
    many(5, "SELECT 1", " UNION ALL "),
    many(6, "SELECT 1", " UNION ALL "),
    many(6, "SELECT 1", " UNION "),
  ],
  "rows of VALUES": [
    `SELECT count(*) FROM (VALUES ${many(500, "(1)")})`,
    `VALUES ${many(3, "(1)")} UNION ALL VALUES ${many(3, "(2)")}`,
  ],
  "a depth of 100": [
    `SELECT ${"(".repeat(98)}1${")".repeat(98)}`,
    `SELECT ${many(99, "1", "+")}`,
    `SELECT ${many(100, "1", "+")}`,
    `SELECT ${many(101, "1", "+")}`,
    `SELECT ${many(102, "1", "+")}`,
    `SELECT ${many(99, "1", " AND ")}`,
    `SELECT ${many(101, "1", " AND ")}`,
    `SELECT ${many(101, "'a'", "||")}`,
    `SELECT ${many(102, "'a'", "||")}`,
    `SELECT ${"abs(".repeat(98)}1${")".repeat(98)}`,
    `SELECT ${"abs(".repeat(100)}1${")".repeat(100)}`,
    `SELECT ${"-".repeat(100).split("").join(" ")}1`,
    `SELECT ${"NOT ".repeat(101)}1`,
  ],
  "64 tables of a join": [
    `SELECT count(*) FROM ${many(64, (i) => `(SELECT 1) t${i}`)}`,
    `SELECT count(*) FROM ${many(65, (i) => `(SELECT 1) t${i}`)}`,
  ],
  "8,388,642 bytes of value": [
    "SELECT length(zeroblob(8388642))",
    "SELECT length(zeroblob(8388643))",
    "SELECT length(hex(zeroblob(4194320)))",
    "SELECT length(hex(zeroblob(4194321)))",
    "SELECT length(printf('%.*c',8388643,'x'))",
    "SELECT length(replace(hex(zeroblob(1000000)),'0','12345'))",
  ],
  "8,388,642 bytes of row": [
    "CREATE TABLE r AS SELECT zeroblob(4194300) AS a, zeroblob(4194300) AS b",
    "DROP TABLE r",
    "CREATE TABLE r AS SELECT zeroblob(4194330) AS a, zeroblob(4194330) AS b",
  ],
  "long lists without a limit": [
    `SELECT 1 IN (${many(5000, "1")})`,
    `SELECT CASE 1 ${many(300, "WHEN 2 THEN 3", " ")} ELSE 4 END`,
    `SELECT ${"(SELECT ".repeat(50)}1${")".repeat(50)}`,
  ],
  "steps of a program": [
    `SELECT ${many(99, (i) => `(SELECT count(*) FROM (${many(5, `SELECT ${i}`, " UNION ")}))`)}`,
  ],
  "rows of VALUES in FROM": [`SELECT count(*) FROM (VALUES ${many(15_000, "(1)")})`],
  "indexes and columns of an index": [
    `CREATE TABLE k(${many(100, (i) => `c${i}`)}, PRIMARY KEY(${many(100, (i) => `c${i}`)}))`,
    `CREATE TABLE k(a); CREATE INDEX i ON k(${many(101, "a")})`,
  ],
  "nested subqueries": [
    `SELECT * FROM ${"(SELECT * FROM ".repeat(40)}(SELECT 1)${")".repeat(40)}`,
    `SELECT * FROM ${"(SELECT * FROM ".repeat(110)}(SELECT 1)${")".repeat(110)}`,
  ],
};

export const limits: Case[] = [
  ...Object.entries(edges).map(([name, texts]): Case => ({
    name,
    steps: texts.map((sql) => all(sql)),
  })),
  {
    name: "ALTER TABLE cannot widen a table beyond 100 columns",
    steps: [
      all(`CREATE TABLE w(${many(100, (i) => `c${i}`)})`),
      all("ALTER TABLE w ADD COLUMN c100"),
    ],
  },
  {
    name: "INSERT of 100 columns, UPDATE of 101",
    steps: [
      all(`CREATE TABLE w(${many(100, (i) => `c${i}`)})`),
      all(`INSERT INTO w VALUES(${many(100, "1")})`),
      all(`INSERT INTO w VALUES(${many(101, "1")})`),
      all(`UPDATE w SET ${many(101, "c1=1")}`),
    ],
  },
  {
    name: "triggers go ten deep",
    steps: [
      all("CREATE TABLE n(a)"),
      all("PRAGMA recursive_triggers=ON"),
      all(
        "CREATE TRIGGER g AFTER INSERT ON n WHEN new.a < 30 BEGIN INSERT INTO n VALUES(new.a+1); END",
      ),
      all("INSERT INTO n VALUES(21)"),
      all("INSERT INTO n VALUES(20)"),
      all("INSERT INTO n VALUES(1)"),
    ],
  },
];
