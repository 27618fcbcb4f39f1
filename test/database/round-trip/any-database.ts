import type { Tape } from "../../schema/tape.ts";
import { objectName, quote, tableNames } from "./any-names.ts";
import { type AnyTable, anyRows, anyTable } from "./any-table.ts";
import { anyVirtualTables } from "./any-virtual-tables.ts";

export interface AnyDatabase {
  /** Statements that make it. Some may fail: their values or objects are random. */
  readonly statements: readonly string[];
  /** Statements that change its rows later. */
  readonly changes: readonly string[];
  readonly features: readonly string[];
}

/** A database of one to four tables, with rows, indexes, views, triggers and virtual tables, in a random order. */
export function anyDatabase(tape: Tape): AnyDatabase {
  const names = tableNames(tape, 4);
  const tables = names.map((name) => anyTable(tape, name, names));
  const virtual = anyVirtualTables(tape, names);
  const objects = [
    ...tables.flatMap((table) => [...indexesOf(tape, table), ...triggersOf(tape, table, names)]),
    ...viewsOf(tape, tables),
  ];
  const rows = tables.flatMap((table) => anyRows(tape, table));
  const late = tape.chance() ? tape.shuffle([...objects, ...rows]) : [...rows, ...objects];
  const alterations = tape.chance(0.2) ? alterationsOf(tape, tables) : [];
  const ends = tape.some(
    [
      "ANALYZE",
      "VACUUM",
      `DROP TABLE ${quote(tape.of(names))}`,
      "UPDATE sqlite_sequence SET seq = 1",
      "DELETE FROM sqlite_sequence",
      "INSERT INTO sqlite_sequence VALUES ('unknown', 'text')",
    ],
    3,
  );
  return {
    statements: [
      ...tables.map(({ sql }) => sql),
      ...tape.shuffle(virtual.statements),
      ...late,
      ...virtual.rows,
      ...alterations,
      ...ends,
    ],
    changes: [
      ...tables.flatMap((table) => [
        `DELETE FROM ${quote(table.name)} WHERE abs(random()) % 9 = 0`,
        ...anyRows(tape, table),
      ]),
      ...virtual.rows,
    ],
    features: [
      ...tables.flatMap(({ features }) => features),
      ...virtual.features,
      ...ends.map((end) => end.split(" ")[0] ?? ""),
      ...objects.map((sql) => /INDEX|VIEW|TRIGGER/.exec(sql)?.[0] ?? ""),
    ],
  };
}

function indexesOf(tape: Tape, { name, columns }: AnyTable): string[] {
  return Array.from({ length: tape.next() % 3 }, (_, i) => {
    const column = quote(tape.of(columns));
    const index = quote(objectName(tape, `index on ${name}`, i));
    const on = `${index} ON ${quote(name)}`;
    return tape.one(
      `CREATE INDEX ${on}(${column})`,
      `CREATE INDEX ${on}(${column} COLLATE NOCASE DESC, ${quote(tape.of(columns))})`,
      `CREATE INDEX ${on}(${column}) WHERE ${column} IS NOT NULL`,
      `CREATE INDEX ${on}(typeof(${column}), length(${column}) DESC)`,
      `CREATE INDEX ${on}(${column} || "text") WHERE ${column} <> "text"`,
      `CREATE UNIQUE INDEX ${on}(${column})`,
    );
  });
}

function triggersOf(tape: Tape, { name }: AnyTable, names: readonly string[]): string[] {
  return Array.from({ length: tape.next() % 2 }, (_, i) => {
    const trigger = quote(objectName(tape, `trigger on ${name}`, i));
    const body = tape.one(
      "SELECT 1;",
      "INSERT INTO missing VALUES (1);",
      `DELETE FROM ${quote(tape.of(names))} WHERE 0; SELECT 'end;';`,
    );
    const event = tape.one("DELETE", "UPDATE", "INSERT");
    return `CREATE TRIGGER ${trigger} AFTER ${event} ON ${quote(name)} WHEN 0 BEGIN ${body} END`;
  });
}

function viewsOf(tape: Tape, tables: readonly AnyTable[]): string[] {
  return Array.from({ length: tape.next() % 3 }, (_, i) => {
    const view = quote(objectName(tape, "view", i));
    const { name, columns } = tape.of(tables);
    return tape.one(
      `CREATE VIEW ${view} AS SELECT * FROM ${quote(name)}`,
      `CREATE VIEW ${view}(one) AS SELECT ${quote(tape.of(columns))} FROM ${quote(name)} WHERE 1 = "1"`,
      `CREATE VIEW ${view} AS SELECT * FROM missing`,
      `CREATE VIEW ${view} AS SELECT 1 AS n; CREATE TRIGGER "instead of ${i}" INSTEAD OF INSERT ON ${view} BEGIN SELECT 1; END`,
    );
  });
}

function alterationsOf(tape: Tape, tables: readonly AnyTable[]): string[] {
  const { name, columns } = tape.of(tables);
  const table = quote(name);
  const column = quote(tape.of(columns));
  return [
    tape.one(
      `ALTER TABLE ${table} ADD COLUMN added TEXT DEFAULT 'new'`,
      `ALTER TABLE ${table} ADD COLUMN added REAL NOT NULL DEFAULT -0.0`,
      `ALTER TABLE ${table} RENAME COLUMN ${column} TO "re""named"`,
      `ALTER TABLE ${table} DROP COLUMN ${column}`,
      `ALTER TABLE ${table} RENAME TO "re'named"`,
    ),
  ];
}
