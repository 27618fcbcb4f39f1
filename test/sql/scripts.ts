/** Random files of valid SQL that contain everything known to confuse splitters. */
import type { Random } from "./random.ts";

/** The objects that the statements below use. */
export const SCHEMA = `
  CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, "begin" INT, [end] INT, "x;y", case_ INT, d$ INT);
  CREATE TABLE u(a, b);
  CREATE VIEW v AS SELECT a, b FROM t;
`;

/** `~` stands for required white space or a comment, `^` for optional. `#` is a new name. */
const STATEMENTS = [
  "SELECT~1",
  "select~'a;b',~'it''s; -- no comment',~\"b\"^,^'/* neither */'~from~t",
  "SELECT~'\n;\r\n', [x;y], \"x;y\", `end` FROM t",
  "SELECT 'a' || '--' || \"begin\"^||^'😀;é' FROM t WHERE b <> '\u00A0;'",
  "SELECT CASE a WHEN 1 THEN 'end;' ELSE CASE WHEN b THEN 2 END END~FROM~t",
  "SELECT~x'00ff'^,^X'',1_000,1.5e-3,.5,0x1F,5.,-1->'$.a;b'->>0",
  "SELECT ?, ?2, :a, @b, $c, $d::e(f), q~FROM^(SELECT 1 AS q)",
  'SELECT begin."end" FROM t AS begin',
  "select $d, d$, a$b from (select 1 as a$b), t",
  "CREATE TABLE #(a, \"b;c\" DEFAULT ';', [d'e], `f\"g`, CHECK(a <> 'x;--'))",
  "create~table~#~(~begin_~int,^end_~int^)",
  "CREATE~INDEX~#~ON~t^(^b^)^WHERE~b~<>~';'",
  "CREATE VIEW # AS SELECT ';' AS [;]",
  "INSERT INTO u VALUES('a''b;', \";\"),(';;',NULL)".replace('";"', "';'"),
  "INSERT~INTO~u^(^a^,^b^)^SELECT~a^,^b~FROM~t",
  "UPDATE~t~SET~b~=~'x;'~WHERE~[x;y]~IS~NULL",
  'DELETE FROM t WHERE "begin" = 1 AND [end] = 2',
  "PRAGMA~table_info(t)",
  "EXPLAIN~SELECT~1",
  "explain~query~plan~select~*~from~t",
  "EXPLAIN~CREATE~TRIGGER~#~AFTER~INSERT~ON~u~BEGIN~SELECT~1;~END",
  "EXPLAIN QUERY PLAN CREATE TEMP TRIGGER # AFTER INSERT ON u BEGIN SELECT 1; END",
  "WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT * FROM c",
  "CREATE~TRIGGER~#~AFTER~INSERT~ON~t~BEGIN~INSERT~INTO~u~VALUES(1,';');~END",
  "create~trigger~#~after~update~on~t~begin~update~u~set~a=1;^delete~from~u;^end",
  "CREATE TRIGGER # AFTER DELETE ON t BEGIN/**/INSERT/**/INTO u VALUES(old.a, 'end;');END",
  "CREATE TRIGGER IF NOT EXISTS # BEFORE INSERT ON t WHEN CASE WHEN new.a > 1 THEN 1 ELSE 0 END BEGIN\r\n  SELECT CASE WHEN new.b = 'END;' THEN RAISE(ABORT, 'no; END;') END;\r\n  UPDATE t SET \"begin\" = 1, [end] = CASE WHEN 1 THEN 2 END;\r\nEND",
  "CREATE~TEMP~TRIGGER~#~AFTER~INSERT~ON~t~BEGIN~SELECT~1^;^END",
  "CREATE~TEMPORARY~TRIGGER~#~AFTER~INSERT~ON~t~BEGIN~SELECT~(CASE~1~WHEN~1~THEN~2~END)^;~SELECT~2^;~END",
  "CREATE TRIGGER # INSTEAD OF INSERT ON v BEGIN -- it's; END;\n  INSERT INTO t(a, b) VALUES(new.a, new.b);\n  /* END; */\nEND",
  'CREATE TRIGGER "#;" AFTER INSERT ON t FOR EACH ROW BEGIN DELETE FROM u; --> statement-breakpoint\n SELECT 1; END',
  "DROP~TRIGGER~IF~EXISTS~nope",
  "ALTER TABLE u ADD COLUMN \"c;#\" DEFAULT ';END;'",
  "ANALYZE",
];

const GAPS = [
  " ",
  " ",
  " ",
  "\n",
  "\r\n",
  "\t",
  "\f ",
  " \r",
  "/**/",
  "/* ; */",
  "/* it's */",
  "-- ; it's \"\n",
  " --\r\n",
  "\n-- BEGIN\n  ",
  " \uFEFF",
  "/* /* */",
  "/***/",
  " \v",
  "-- 😀 é\n",
];
/** A breakpoint after a `;` changes nothing, also inside a comment. */
const BREAKS = [
  ...GAPS,
  "",
  "",
  "",
  "\n\n",
  "\n--> statement-breakpoint\n",
  "--> statement-breakpoint\r\n",
  "\uFEFF",
  "-- x;\n/* y;\n */",
];

export interface Script {
  readonly sql: string;
  /** The statements as generated, each with its `;`. */
  readonly statements: readonly string[];
}

export function script(from: Random, most: number): Script {
  const statements: string[] = [];
  let sql = from.of(BREAKS);
  const count = 1 + from.below(most);
  for (let index = 0; index < count; index += 1) {
    const last = index === count - 1;
    let statement = from
      .of(STATEMENTS)
      .replaceAll("#", `n${index}`)
      .replaceAll("~", () => from.of(GAPS))
      .replaceAll("^", () => (from.below(3) === 0 ? from.of(GAPS) : ""));
    if (!last || from.below(2) === 0) statement += (from.below(4) === 0 ? from.of(GAPS) : "") + ";";
    statements.push(statement);
    // A byte order mark directly after a name would belong to the name.
    sql += statement + from.of(statement.endsWith(";") ? BREAKS : [...GAPS, ""]);
    if (!last && from.below(4) === 0) sql += ";" + from.of(BREAKS) + ";";
  }
  return { sql, statements };
}
