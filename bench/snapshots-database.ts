/** @module The database of which snapshots are taken, its changes, and the comparison of two databases. */
import { DatabaseSync } from "node:sqlite";
import { contact, phone, type Random, seeded, sentence } from "./snapshots-text.ts";

const SCHEMA = `
CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL, company TEXT, note TEXT, created_at INTEGER NOT NULL);
CREATE UNIQUE INDEX contacts_email ON contacts (email);
CREATE TABLE messages (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), channel TEXT NOT NULL, body TEXT NOT NULL, read_at INTEGER, created_at INTEGER NOT NULL);
CREATE INDEX messages_contact ON messages (contact_id, created_at);
`;
const TABLES = ["contacts", "messages"];
const CHANNELS = ["sms", "email", "chat"];

/** What happens between two snapshots. `column` adds a column to the larger table; each of the others changes 1 % of the rows. */
export const CHANGES = ["random", "recent", "deleted", "column"] as const;
export type Change = (typeof CHANGES)[number];

export interface Size {
  readonly contacts: number;
  readonly messages: number;
}

/** About this many million bytes. */
export function sizeOf(megabytes: number): Size {
  const contacts = Math.round((120_000 * megabytes) / 110);
  return { contacts, messages: Math.round(2.5 * contacts) };
}

/** In WAL mode, with pages of 4 KB, as workerd creates it. */
export function generate(file: string, { contacts, messages }: Size): void {
  const random = seeded(1);
  within(file, (db) => {
    db.exec(SCHEMA);
    const insert = db.prepare("INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (let id = 1; id <= contacts; id += 1) {
      const { name, email, phone: digits, company, note } = contact(id, random);
      insert.run(id, name, email, digits, company, note, at(id));
    }
    insertMessages(db, { from: 1, to: messages, contacts }, random);
  });
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly contacts: number;
}

function insertMessages(db: DatabaseSync, { from, to, contacts }: Range, random: Random): void {
  const insert = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)");
  for (let id = from; id <= to; id += 1) {
    const owner = 1 + Math.floor(contacts * random());
    const channel = CHANNELS[Math.floor(CHANNELS.length * random())] ?? "";
    insert.run(id, owner, channel, sentence(random), random() < 0.8 ? at(id) + 60 : null, at(id));
  }
}

/** Seconds since 1970; a row every 17 seconds. */
function at(id: number): number {
  return 1_700_000_000 + 17 * id;
}

export function change(file: string, what: Change, { contacts, messages }: Size): void {
  const random = seeded(2);
  within(file, (db) => {
    switch (what) {
      case "random": {
        const body = db.prepare("UPDATE messages SET body = ? WHERE id = ?");
        for (const id of oneIn(100, messages, random)) body.run(sentence(random), id);
        const update = db.prepare("UPDATE contacts SET phone = ? WHERE id = ?");
        for (const id of oneIn(100, contacts, random)) update.run(phone(random), id);
        return;
      }
      case "recent": {
        const half = Math.round((contacts + messages) / 200);
        db.prepare("UPDATE messages SET read_at = ? WHERE id > ?").run(
          at(messages),
          messages - half,
        );
        insertMessages(db, { from: messages + 1, to: messages + half, contacts }, random);
        return;
      }
      case "deleted": {
        // Messages alone, because they refer to the contacts.
        const remove = db.prepare("DELETE FROM messages WHERE id = ?");
        const apart = Math.floor((100 * messages) / (contacts + messages));
        for (const id of oneIn(apart, messages, random)) remove.run(id);
        return;
      }
      case "column":
        db.exec("ALTER TABLE messages ADD COLUMN archived_at INTEGER");
        return;
    }
  });
}

/** One number of each range of this length, so that they are scattered and their share is exact. */
export function oneIn(length: number, last: number, random: Random): number[] {
  return Array.from(
    { length: Math.floor(last / length) },
    (_, i) => length * i + 1 + Math.floor(length * random()),
  );
}

function within(file: string, write: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(file);
  try {
    db.exec("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
    write(db);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}

export function countRows(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return TABLES.reduce((sum, table) => sum + figure(db, `SELECT count(*) FROM ${table}`), 0);
  } finally {
    db.close();
  }
}

/** Throws unless both files have the same schema and the same value in every column of every row. */
export function requireSame(file: string, expected: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.prepare("ATTACH ? AS expected").run(expected);
    const schema = "(SELECT group_concat(sql, ';') FROM (SELECT sql FROM";
    const sorted = "sqlite_schema WHERE sql IS NOT NULL ORDER BY name))";
    if (figure(db, `SELECT ${schema} main.${sorted} IS ${schema} expected.${sorted}`) !== 1)
      throw new Error(`${file} has another schema than ${expected}`);
    for (const table of TABLES) {
      const columns = db
        .prepare("SELECT name FROM pragma_table_info(?)")
        .all(table)
        .map(({ name }) => String(name));
      const row = (side: string): string =>
        `(${columns.map((column) => `${side}.${column}`).join()})`;
      const [own, other, same] = [
        figure(db, `SELECT count(*) FROM main.${table}`),
        figure(db, `SELECT count(*) FROM expected.${table}`),
        figure(
          db,
          `SELECT count(*) FROM main.${table} AS a JOIN expected.${table} AS b ON a.id = b.id WHERE ${row("a")} IS ${row("b")}`,
        ),
      ];
      if (own !== other || own !== same)
        throw new Error(`${table} has ${own} rows, ${same} of them right, instead of ${other}`);
    }
  } finally {
    db.close();
  }
}

function figure(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
}
