import { all, batch, raw, type Case, type Step } from "../case.ts";

const LITERALS = [
  "1",
  "1.0",
  "1.5",
  "-0.0",
  "0",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "9e999",
  "-9e999",
  "1e308",
  "5e-324",
  "0.1+0.2",
  "NULL",
  "''",
  "'text'",
  "'it''s'",
  "'é €😀'",
  "'a'||char(0)||'b'",
  "x''",
  "x'00ff10'",
  "CAST(x'ff61' AS TEXT)",
  "CAST('x' AS BLOB)",
  "CAST(9007199254740993 AS TEXT)",
  "1=1",
  "1>2",
  "TRUE",
  "hex('é')",
  "'line\n2'",
  "zeroblob(3)",
  "1e400-1e400",
];

const BOUND: readonly (readonly [string, unknown])[] = [
  ["1", 1],
  ["0", 0],
  ["-0", -0],
  ["1.5", 1.5],
  ["2^53", 2 ** 53],
  ["2^53+2", 2 ** 53 + 2],
  ["1e300", 1e300],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
  ["a text", "text"],
  ["an empty text", ""],
  ["a text with NUL", "a\0b"],
  ["😀", "😀"],
  ["half a 😀", "\ud83d"],
  ["a bigint", 5n],
  ["a Date", new Date(0)],
  ["an object", { a: 1 }],
  ["bytes as an array", [1, 2, 255]],
  ["an empty array", []],
  ["an array with 256", [256]],
  ["an array with -1", [-1]],
  ["an array with 1.5", [1.5]],
  ["an array of texts", ["a"]],
  ["an array with NaN", [Number.NaN]],
  ["a nested array", [[1]]],
  ["an ArrayBuffer", new Uint8Array([1, 2]).buffer],
  ["an empty ArrayBuffer", new ArrayBuffer(0)],
  ["a Uint8Array", new Uint8Array([1, 2])],
  ["a view into a buffer", new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
  ["an empty Uint8Array", new Uint8Array(0)],
  ["an Int8Array", new Int8Array([-1, 1])],
  ["a Uint16Array", new Uint16Array([1, 300])],
  ["a Float64Array", new Float64Array([1.5, 257])],
  ["a DataView", new DataView(new ArrayBuffer(2))],
  ["a Map", new Map()],
  ["a RegExp", /a/],
  ["an Error", new Error("e")],
];

const bound = (value: unknown): Step =>
  all("SELECT typeof(?1) AS type, quote(?1) AS quoted, ?1 AS value", value);

const affinities = [all("CREATE TABLE v(i INTEGER, r REAL, t TEXT, n NUMERIC, b BLOB, x)")];

export const values: Case[] = [
  ...LITERALS.map((literal): Case => ({
    name: `SELECT ${JSON.stringify(literal)}`,
    reads: true,
    steps: [all(`SELECT ${literal} AS x`), raw(`SELECT ${literal} AS x`)],
  })),
  ...BOUND.map(([name, value]): Case => ({
    name: `bind ${name}`,
    reads: true,
    steps: [bound(value)],
  })),
  ...BOUND.slice(0, 12).map(([name, value]): Case => ({
    name: `bind ${name} to columns of every affinity`,
    steps: [
      ...affinities,
      all("INSERT INTO v VALUES(?1,?1,?1,?1,?1,?1)", value),
      all(
        "SELECT typeof(i), typeof(r), typeof(t), typeof(n), typeof(b), typeof(x), quote(t), quote(n) FROM v",
      ),
    ],
  })),
  {
    name: "bind a number to STRICT columns",
    steps: [
      all("CREATE TABLE s(i INT, a ANY, t TEXT) STRICT"),
      all("INSERT INTO s VALUES(?,?,?)", 1, 1, "x"),
      all("INSERT INTO s VALUES(?,?,?)", 1.5, 1, "x"),
      all("INSERT INTO s VALUES(?,?,?)", 1, 1, 5),
      all("INSERT INTO s VALUES(?,?,?)", "x", 1, "x"),
      all("SELECT typeof(i), typeof(a), typeof(t) FROM s"),
    ],
  },
  {
    name: "INTEGER PRIMARY KEY takes a whole number only",
    steps: [
      all("CREATE TABLE p(a INTEGER PRIMARY KEY)"),
      all("INSERT INTO p VALUES(?)", 7),
      all("INSERT INTO p VALUES(?)", 7.5),
      all("INSERT INTO p VALUES(?)", "8"),
      all("INSERT INTO p VALUES(?)", "x"),
      all("INSERT INTO p VALUES(?)", null),
    ],
  },
  {
    name: "two columns with the same name",
    reads: true,
    steps: [
      all("SELECT 1 AS a, 2 AS a, 3 AS b"),
      raw("SELECT 1 AS a, 2 AS a, 3 AS b"),
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS a").first(),
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS a").first("a"),
      batch("SELECT 1 AS a, 2 AS a"),
    ],
  },
  {
    name: "names of columns",
    reads: true,
    steps: [
      raw(
        'SELECT 1, 1+1, "x", \'x\', 1 AS "", 1 AS __proto__, 1 AS constructor, (SELECT 2), abs(-1)',
      ),
      all(
        'SELECT 1, 1+1, "x", \'x\', 1 AS "", 1 AS __proto__, 1 AS constructor, (SELECT 2), abs(-1)',
      ),
      all("SELECT a.x, b.x FROM (SELECT 1 AS x) a, (SELECT 2 AS x) b"),
      raw("SELECT * FROM (SELECT 1 AS x) a, (SELECT 2 AS x) b"),
    ],
  },
  {
    name: "first",
    reads: true,
    steps: [
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS b").first(),
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS b").first("b"),
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS b").first("c"),
      (d1) => d1.prepare("SELECT 1 AS a, 2 AS b").first("A"),
      (d1) => d1.prepare("SELECT NULL AS a").first("a"),
      (d1) => d1.prepare("SELECT 1 AS a WHERE 0").first(),
      (d1) => d1.prepare("SELECT 1 AS a WHERE 0").first("c"),
      (d1) => d1.prepare("SELECT 1 AS a UNION ALL SELECT 2").first("a"),
      (d1) => d1.prepare("SELECT 1 AS a").first("toString"),
      (d1) => d1.prepare("SELECT 1 AS a").first(""),
      (d1) => d1.prepare("SELEC").first(),
    ],
  },
  {
    name: "run, all and raw of a query and of a statement without rows",
    steps: [
      all("CREATE TABLE r(a)"),
      (d1) => d1.prepare("INSERT INTO r VALUES(1),(2)").run(),
      (d1) => d1.prepare("SELECT a FROM r").run(),
      (d1) => d1.prepare("SELECT a FROM r").all(),
      (d1) => d1.prepare("SELECT a FROM r").raw(),
      (d1) => d1.prepare("SELECT a FROM r").raw({ columnNames: false }),
      (d1) => d1.prepare("SELECT a FROM r").raw({ columnNames: true }),
      (d1) => d1.prepare("SELECT a FROM r WHERE 0").raw({ columnNames: true }),
      (d1) => d1.prepare("INSERT INTO r VALUES(3)").raw({ columnNames: true }),
      (d1) => d1.prepare("INSERT INTO r VALUES(3)").first(),
      (d1) => d1.prepare("INSERT INTO r VALUES(4) RETURNING a").first("a"),
    ],
  },
  {
    name: "a statement can run several times, with the parameters bound last",
    steps: [
      all("CREATE TABLE r(a)"),
      async (d1) => {
        const insert = d1.prepare("INSERT INTO r VALUES(?)");
        const one = insert.bind(1);
        const results = [await one.run(), await one.run(), await one.bind(2).run()];
        return results.map(({ meta }) => meta.changes);
      },
      async (d1) => {
        const select = d1.prepare("SELECT * FROM r");
        const before = await select.raw({ columnNames: true });
        await d1.prepare("ALTER TABLE r ADD COLUMN b DEFAULT 5").run();
        return [before, await select.raw({ columnNames: true })];
      },
    ],
  },
];
