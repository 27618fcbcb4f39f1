/** @module Migrations as teams write them. They depend on their number alone, so they are equal in each run and on each machine. */

export interface Folder {
  /** In the order in which they run. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** The result of all migrations: the names of tables, indexes and triggers, and the rows of all tables. */
  readonly expected: {
    readonly objects: readonly string[];
    readonly tables: readonly string[];
    readonly rows: number;
  };
}

const NOUNS = [
  "orders",
  "invoices",
  "messages",
  "bookings",
  "products",
  "payments",
  "contacts",
  "notes",
] as const;

/** Migrations of two to four statements. Each creates a table, most an index and rows, some add a column to an older table or a trigger. */
export function schemaFolder(count: number): Folder {
  return together(Array.from({ length: count }, (_, i) => migration(i + 1)));
}

/** The names of the first half, which is applied before `status` runs, and of the rest. */
export function halves({ files }: Folder): {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
} {
  const names = files.map(({ name }) => name);
  const half = Math.floor(names.length / 2);
  return { applied: names.slice(0, half), pending: names.slice(half) };
}

/**
 * Migrations with the shape of a long history, made from their number: a new table in every sixth file, the others change what is there.
 * They add an index, a column or a trigger, update rows, or rebuild a table.
 */
export function historyFolder(count: number): Folder {
  return together(Array.from({ length: count }, (_, i) => change(i + 1)));
}

/** One table and `rows` INSERT statements of about 200 bytes in one file: an import. */
export function bulkFolder(rows: number): Folder {
  const filler = "A description of the kind that people write. ".repeat(3);
  const insert = (i: number): string =>
    `INSERT INTO items (id, sku, price, description) VALUES (${i}, 'sku-${i}', ${i % 1000}, '${filler}');`;
  return together([
    {
      file: {
        name: "0001_items.sql",
        text: "CREATE TABLE items (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, price INTEGER NOT NULL, description TEXT);\n",
      },
      table: "items",
      others: [],
      rows: 0,
    },
    {
      file: {
        name: "0002_import.sql",
        text: `${Array.from({ length: rows }, (_, i) => insert(i + 1)).join("\n")}\n`,
      },
      table: null,
      others: [],
      rows,
    },
  ]);
}

interface Piece {
  readonly file: { readonly name: string; readonly text: string };
  readonly table: string | null;
  readonly others: readonly string[];
  readonly rows: number;
}

function together(pieces: readonly Piece[]): Folder {
  const tables = pieces.flatMap(({ table }) => table ?? []);
  return {
    files: pieces.map(({ file }) => file),
    expected: {
      tables,
      objects: [...tables, ...pieces.flatMap(({ others }) => others)],
      rows: pieces.reduce((sum, { rows }) => sum + rows, 0),
    },
  };
}

function migration(n: number): Piece {
  const table = tableName(n);
  const indexed = n % 5 !== 3;
  const inserts = n % 5 === 4 ? 0 : n % 5 === 2 ? 2 : 1;
  const widens = n > 1 && (n % 5 === 3 || n % 5 === 4);
  const triggered = n % 10 === 5;
  const statements = [
    createTable(n),
    ...(indexed ? [`CREATE INDEX ${table}_by_email ON ${table} (email, created_at);`] : []),
    ...Array.from({ length: inserts }, (_, i) => insertThree(table, i * 3)),
    ...(widens ? [`ALTER TABLE ${tableName(n - 1)} ADD COLUMN archived_at TEXT;`] : []),
    ...(triggered ? [createTrigger(table)] : []),
  ];
  return {
    file: {
      name: `${String(n).padStart(4, "0")}_${table}.sql`,
      text: `-- ${table}\n${statements.join("\n\n")}\n`,
    },
    table,
    others: [...(indexed ? [`${table}_by_email`] : []), ...(triggered ? [`${table}_touched`] : [])],
    rows: inserts * 3,
  };
}

function change(n: number): Piece {
  const first = n - ((n - 1) % 6);
  const table = tableName(first);
  const piece = (
    title: string,
    statements: readonly string[],
    made: Partial<Omit<Piece, "file">> = {},
  ): Piece => ({
    file: {
      name: `${String(n).padStart(4, "0")}_${title}.sql`,
      text: `-- ${title}\n${statements.join("\n\n")}\n`,
    },
    table: null,
    others: [],
    rows: 0,
    ...made,
  });
  const index = `CREATE INDEX ${table}_by_email ON ${table} (email, created_at);`;
  switch (n - first) {
    case 0:
      return piece(table, [createTable(n, n - 6), insertThree(table, 0)], { table, rows: 3 });
    case 1:
      return piece(`index_${table}`, [index], { others: [`${table}_by_email`] });
    case 2:
      return piece(`widen_${table}`, [`ALTER TABLE ${table} ADD COLUMN archived_at TEXT;`]);
    case 3:
      return piece(`archive_${table}`, [
        `UPDATE ${table} SET archived_at = created_at WHERE state = 'closed';`,
      ]);
    case 4:
      return piece(`rebuild_${table}`, [...rebuild(first), index]);
    default:
      return piece(`watch_${table}`, [createTrigger(table)], { others: [`${table}_touched`] });
  }
}

/** Adds a constraint to a column, for which SQLite needs a new table. */
function rebuild(n: number): string[] {
  const [table, made] = [tableName(n), `new_${tableName(n)}`];
  const columns = "id, email, state, amount, created_at, archived_at";
  return [
    `CREATE TABLE ${made} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed', 'gone')),
  amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0),
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  archived_at TEXT
);`,
    `INSERT INTO ${made} (${columns}) SELECT ${columns} FROM ${table};`,
    `DROP TABLE ${table};`,
    `ALTER TABLE ${made} RENAME TO ${table};`,
  ];
}

function tableName(n: number): string {
  return `${NOUNS[n % NOUNS.length] ?? "things"}_${n}`;
}

function createTable(n: number, parentOf = n - 1): string {
  const parent = parentOf > 0 ? ` REFERENCES ${tableName(parentOf)}(id) ON DELETE SET NULL` : "";
  return `CREATE TABLE ${tableName(n)} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER${parent},
  email TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed')),
  amount INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);`;
}

function insertThree(table: string, from: number): string {
  const values = [1, 2, 3].map(
    (i) => `  ('person${from + i}@example.com', 'open', ${(from + i) * 100})`,
  );
  return `INSERT INTO ${table} (email, state, amount) VALUES\n${values.join(",\n")};`;
}

function createTrigger(table: string): string {
  return `CREATE TRIGGER ${table}_touched AFTER UPDATE OF amount ON ${table} WHEN new.amount < 0
BEGIN
  UPDATE ${table} SET state = 'closed' WHERE id = new.id;
END;`;
}
