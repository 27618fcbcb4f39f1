/** @module Random schemas that SQLite accepts. */
import {
  type CheckDesign,
  column,
  type ColumnDesign,
  columnsOf,
  type Design,
  type ForeignKeyDesign,
  type IndexDesign,
  isRowidKey,
  type KeyDesign,
  number,
  type Piece,
  place,
  type PlaceDesign,
  sign,
  type TableDesign,
  text,
  type TriggerDesign,
  type ViewDesign,
  word,
} from "./design.ts";
import type { Tape } from "./tape.ts";

/** Names that need quotes, and names that do not. */
export const TABLES: readonly string[] = [
  "users",
  "order items",
  "select",
  "größe",
  "it's",
  'a"b',
  "Key",
  "t.x",
  "tbl😀",
  "[b]",
];
const COLUMNS = [
  "id",
  "Email",
  "created at",
  "order",
  "naïve",
  "x'y",
  'q"q',
  "key",
  "values",
  "left",
  "a.b",
  "n",
  "true",
];
const TEXTS = [
  "",
  "a",
  "Abc",
  "isn't",
  "%x_",
  "two  spaces",
  "-- no comment",
  "/* nor this */",
  ";",
  'say "hi"',
  "ünï",
  "null",
];
const TYPES = [
  "",
  "INTEGER",
  "INT",
  "TEXT",
  "REAL",
  "BLOB",
  "VARCHAR(20)",
  "DECIMAL(10,2)",
  "UNSIGNED BIG INT",
];
const STRICT_TYPES = ["INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY"];
export const COLLATIONS = ["NOCASE", "RTRIM"];
export const CONFLICTS = ["ROLLBACK", "FAIL", "IGNORE", "REPLACE"];
export const ACTIONS = ["NO ACTION", "CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT"];

export function anyDesign(tape: Tape): Design {
  const one = tape.one.bind(tape);
  const some = tape.some.bind(tape);
  const chance = (): boolean => tape.chance();
  const rarely = (): boolean => tape.chance(0.25);

  const literal = (): Piece =>
    chance() ? number(one("0", "1", "42", "1.5", "1e3", "0x1F")) : text(tape.of(TEXTS));

  /** An expression over these columns of a table. */
  const expression = (table: string, columns: readonly string[]): Piece[] => {
    const name = (): Piece => column(table, tape.of(columns));
    const simple = (): Piece[] =>
      one<() => Piece[]>(
        () => [name(), sign(one("=", "<>", "<", ">=")), literal()],
        () => [word("length"), sign("("), name(), sign(")"), sign(">"), number("3")],
        () => [name(), word("IN"), sign("("), literal(), sign(","), literal(), sign(")")],
        () => [name(), word("IS"), word("NOT"), word("NULL")],
        () => [name(), word("BETWEEN"), sign("-"), number("1"), word("AND"), literal()],
        () => [name(), word("LIKE"), text(tape.of(TEXTS))],
        () => [name(), word("IS"), word("DISTINCT"), word("FROM"), text(tape.of(TEXTS))],
        () => [
          word("CAST"),
          sign("("),
          name(),
          word("AS"),
          word("TEXT"),
          sign(")"),
          sign("||"),
          text(tape.of(TEXTS)),
        ],
        () => [
          word("CASE"),
          word("WHEN"),
          name(),
          word("THEN"),
          literal(),
          word("ELSE"),
          sign("-"),
          name(),
          word("END"),
        ],
        () => [name(), sign("="), name(), word("COLLATE"), word("NOCASE")],
        () => [word("NOT"), sign("("), name(), sign("-"), sign("-"), number("1"), sign(")")],
      )();
    const left = simple();
    return rarely() ? [...left, word(one("AND", "OR")), sign("("), ...simple(), sign(")")] : left;
  };

  const anyDefault = (strict: boolean): Piece[] =>
    strict
      ? [word("NULL")]
      : one<() => Piece[]>(
          () => [literal()],
          () => [sign("-"), number("7")],
          () => [word("CURRENT_TIMESTAMP")],
          () => [sign("("), number("1"), sign("+"), literal(), sign(")")],
          () => [sign("("), word("lower"), sign("("), text(tape.of(TEXTS)), sign(")"), sign(")")],
          () => [word("true")],
        )();

  const anyColumn = (
    table: string,
    name: string,
    earlier: readonly string[],
    strict: boolean,
  ): ColumnDesign => {
    const generated =
      earlier.length > 0 && rarely()
        ? {
            kind: one("VIRTUAL" as const, "STORED" as const),
            expression: expression(table, earlier),
          }
        : null;
    const notNull = chance();
    return {
      name,
      type: tape.of(strict ? STRICT_TYPES : TYPES),
      notNull,
      notNullConflict: notNull && rarely() ? tape.of(CONFLICTS) : null,
      default: generated === null && rarely() && !strict ? anyDefault(strict) : null,
      collation: rarely() ? tape.of(COLLATIONS) : null,
      generated,
    };
  };

  const places = (table: string, names: readonly string[]): PlaceDesign[] =>
    names.map((name) => ({
      ...place(table, name),
      collation: rarely() ? tape.of(COLLATIONS) : null,
      descending: rarely(),
    }));

  const conflict = (): string | null => (rarely() ? tape.of(CONFLICTS) : null);

  const anyTable = (name: string): TableDesign => {
    const strict = rarely();
    const names = some(COLUMNS, 6, 2);
    const columns: ColumnDesign[] = [];
    for (const each of names) {
      const plain = columns.filter(({ generated }) => generated === null).map((made) => made.name);
      columns.push(anyColumn(name, each, plain, strict));
    }
    const plain = columns.filter(({ generated }) => generated === null).map((each) => each.name);
    const kind = one("none", "rowid", "autoincrement", "columns", "without rowid");
    const table: TableDesign = {
      name,
      strict,
      withoutRowid: kind === "without rowid",
      autoincrement: kind === "autoincrement",
      columns,
      primaryKey: null,
      uniques: [],
      checks: Array.from({ length: one(0, 0, 1, 2) }, (): CheckDesign => ({
        name: rarely() ? one("positive", "a check", "check") : null,
        expression: expression(name, names),
      })),
      foreignKeys: [],
    };
    if (kind === "columns" || kind === "without rowid") {
      table.primaryKey = { places: places(name, some(plain, 2, 1)), conflict: conflict() };
    } else if (kind !== "none") {
      const [first] = columns;
      if (first !== undefined) {
        Object.assign(first, { type: "INTEGER", default: null, collation: null });
        table.primaryKey = { places: [place(name, first.name)], conflict: conflict() };
      }
    }
    // A UNIQUE with the terms of a key or of another UNIQUE creates no index of its own.
    const taken = new Set([JSON.stringify(columnsOf(table.primaryKey?.places ?? []))]);
    for (let count = one(0, 0, 1, 2); count > 0; count -= 1) {
      const chosen = some(plain, 2, 1);
      const unique: KeyDesign = { places: places(name, chosen), conflict: conflict() };
      if (!taken.has(JSON.stringify(chosen))) table.uniques.push(unique);
      taken.add(JSON.stringify(chosen));
    }
    // A random sort order would make the key no alias of the rowid.
    if (isRowidKey(table)) {
      const [only] = table.primaryKey?.places ?? [];
      Object.assign(only ?? {}, { descending: false, collation: null });
    }
    return table;
  };

  const anyForeignKey = (table: TableDesign, parents: readonly TableDesign[]): ForeignKeyDesign => {
    const parent = tape.of(parents);
    const plain = table.columns.filter(({ generated }) => generated === null);
    const columns = some(
      plain.map(({ name }) => name),
      2,
      1,
    );
    const to = some(
      parent.columns.map(({ name }) => name),
      columns.length,
      columns.length,
    );
    return {
      columns,
      table: parent.name,
      to: rarely() || to.length < columns.length ? null : to,
      onDelete: tape.of(ACTIONS),
      onUpdate: tape.of(ACTIONS),
      deferred: rarely(),
    };
  };

  const anyIndex = (name: string, table: TableDesign): IndexDesign => {
    const names = table.columns.map((each) => each.name);
    const terms = places(table.name, some(names, 3, 1));
    if (rarely()) {
      const collation = rarely() ? tape.of(COLLATIONS) : null;
      const lower = [word("lower"), sign("("), column(table.name, tape.of(names)), sign(")")];
      const sum = [column(table.name, tape.of(names)), sign("+"), number("1")];
      const wrapped = [sign("("), ...expression(table.name, names), sign(")")];
      terms.push({ expression: one(lower, sum, wrapped), collation: null, descending: chance() });
      if (rarely()) terms.push({ expression: lower, collation, descending: false });
    }
    const where = rarely() ? expression(table.name, names) : null;
    return { name, table: table.name, unique: chance(), places: terms, where };
  };

  const anyTrigger = (name: string, table: TableDesign, other: TableDesign): TriggerDesign => {
    const event = one("INSERT" as const, "DELETE" as const, "UPDATE" as const);
    const row = event === "DELETE" ? "OLD" : "NEW";
    const names = table.columns.map((each) => each.name);
    const plain = other.columns
      .filter(({ generated }) => generated === null)
      .map((each) => each.name);
    const target = tape.of(plain);
    const whose = (): Piece[] => [word(row), sign("."), column(table.name, tape.of(names))];
    const statement = (): Piece[] =>
      one<() => Piece[]>(
        () => [
          word("UPDATE"),
          { is: "table" as const, table: other.name },
          word("SET"),
          column(other.name, target),
          sign("="),
          literal(),
          word("WHERE"),
          column(other.name, tape.of(plain)),
          sign("="),
          ...whose(),
        ],
        () => [
          word("DELETE"),
          word("FROM"),
          { is: "table", table: other.name },
          word("WHERE"),
          ...expression(other.name, plain),
        ],
        () => [
          word("INSERT"),
          word("INTO"),
          { is: "table" as const, table: other.name },
          sign("("),
          column(other.name, target),
          sign(")"),
          word("VALUES"),
          sign("("),
          ...whose(),
          sign(")"),
        ],
        () => [
          word("SELECT"),
          word("CASE"),
          word("WHEN"),
          ...whose(),
          word("IS"),
          word("NULL"),
          word("THEN"),
          word("RAISE"),
          sign("("),
          word("ABORT"),
          sign(","),
          { is: "text" as const, text: "no" },
          sign(")"),
          word("END"),
        ],
      )();
    const count = one(1, 2);
    return {
      name,
      table: table.name,
      timing: one("BEFORE", "AFTER"),
      event,
      of: event === "UPDATE" ? some(names, 2) : [],
      when: rarely() ? [...whose(), sign("<>"), literal()] : null,
      body: Array.from({ length: count }, () => [...statement(), sign(";")]).flat(),
    };
  };

  const anyView = (name: string, table: TableDesign): ViewDesign => {
    const names = some(
      table.columns.map((each) => each.name),
      3,
      1,
    );
    const list = names.map((each) => [
      ...(rarely() ? [{ is: "table" as const, table: table.name }, sign(".")] : []),
      column(table.name, each),
      ...(rarely()
        ? [word("AS"), { is: "name" as const, name: one("Total", "an alias", "sum") }]
        : []),
    ]);
    const select = [
      word("SELECT"),
      ...list.flatMap((item, at) => (at === 0 ? item : [sign(","), ...item])),
      sign(","),
      literal(),
      word("FROM"),
      { is: "table" as const, table: table.name },
      ...(chance() ? [word("WHERE"), ...expression(table.name, names)] : []),
      ...(rarely()
        ? [word("ORDER"), word("BY"), column(table.name, names[0] ?? ""), word("DESC")]
        : []),
    ];
    const declared = rarely() ? [...names, ""].map((_, at) => `Column ${at}`) : null;
    return { name, declared, select };
  };

  const tables = some(TABLES, 4, 1).map(anyTable);
  for (const table of tables) {
    for (let count = one(0, 0, 1, 2); count > 0; count -= 1) {
      table.foreignKeys.push(anyForeignKey(table, tables));
    }
  }
  const names = (kind: string): string[] =>
    some(["", " two", "'3", '"4', "Ω"], 4).map((end) => `${kind}${end}`);
  return {
    tables,
    indexes: names("index").map((name) => anyIndex(name, tape.of(tables))),
    triggers: names("trigger").map((name) => anyTrigger(name, tape.of(tables), tape.of(tables))),
    views: names("view").map((name) => anyView(name, tape.of(tables))),
  };
}
