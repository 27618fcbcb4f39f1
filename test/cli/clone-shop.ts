import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { d1ops, makeProject, type Project, type Run, withoutProgress } from "../project.ts";

export const MASKS = `{
  // What production has of people.
  "users": { "email": "email", "phone": "phone", "name": "name", "bio": "text", "ssn": "null",
             "profile": { "$.contact.email": "email" } },
  "orders": { "email": "email" },
  "notes": { "body": "text" },
}`;

/** The arguments of a clone with these masks. */
export const INTO_FILE = ["file:prod.sqlite", "file:copy.sqlite", "--mask", "masks.jsonc"];

const ROWS = 300;

/** A production database in a file, with full-text indexes, keys, a trigger that fills an audit table, and a project with masks for it. */
export function cloneShop(masks: string = MASKS): Project {
  const project = makeProject({ "masks.jsonc": masks, "migrations/0001_core.sql": "SELECT 1;\n" });
  const db = openFile(project, "prod.sqlite");
  db.exec(`PRAGMA journal_mode = WAL;
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, phone TEXT, name TEXT, bio TEXT, ssn TEXT, profile TEXT,
  domain TEXT AS (substr(email, instr(email, '@') + 1)) STORED);
CREATE INDEX by_name ON users(lower(name));
CREATE TABLE orders(code TEXT PRIMARY KEY, email TEXT REFERENCES users(email), total REAL) WITHOUT ROWID;
CREATE VIRTUAL TABLE notes USING fts5(title, body);
CREATE VIRTUAL TABLE search USING fts5(bio, content='users', content_rowid='id');
CREATE TABLE audit(id INTEGER PRIMARY KEY, detail TEXT);
CREATE TRIGGER searched AFTER INSERT ON users BEGIN INSERT INTO search(rowid, bio) VALUES (new.id, new.bio); END;
BEGIN;`);
  const insert = db.prepare(
    "INSERT INTO users(id, email, phone, name, bio, ssn, profile) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  for (let i = 1; i <= ROWS; i += 1) {
    const email = emailOf(i);
    insert.run(
      i,
      email,
      i % 7 === 0 ? null : `+4477009${String(i).padStart(5, "0")}`,
      `Nia Testaburg${i}`,
      i % 5 === 0 ? "" : `likes zebrafish${i} and quagmires`,
      `078-05-${1000 + i}`,
      `{"contact": {"email":"${email}", "tel" : null}, "score": 1.50}`,
    );
  }
  db.exec(`INSERT INTO orders SELECT 'o' || id, email, id * 1.5 FROM users;
INSERT INTO notes SELECT 'note ' || id, 'written about zebrafish' || id FROM users;
COMMIT;`);
  db.close();
  return project;
}

export function emailOf(i: number): string {
  return `Nia.${i}@corp-mail.test`;
}

/** Everything that the masks hide. */
export function originals(): string[] {
  return Array.from({ length: ROWS }, (_, at) => at + 1).flatMap((i) => [
    emailOf(i),
    `+4477009${String(i).padStart(5, "0")}`,
    `Testaburg${i}`,
    `zebrafish${i}`,
    `078-05-${1000 + i}`,
  ]);
}

export function openFile(project: Project, name: string): DatabaseSync {
  return new DatabaseSync(join(project.dir, name), { enableDoubleQuotedStringLiterals: true });
}

export async function clone(
  project: Project,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  return withoutProgress(await d1ops(project, ["clone", ...args, "--json"], { env }));
}

/** The originals that the bytes of a file and of the files beside it contain, also inside of words of an index. */
export function leftIn(path: string, words: readonly string[] = originals()): string[] {
  const bytes = ["", "-wal", "-shm", "-journal"]
    .map((end) => `${path}${end}`)
    .filter((one) => existsSync(one))
    .map((one) => readFileSync(one, "latin1").toLowerCase())
    .join("\0");
  return words.filter((word) => bytes.includes(word.toLowerCase()));
}

/** The texts whose UTF-8 the bytes of a file and of its log contain. */
export function leftInBytes(path: string, texts: readonly string[]): string[] {
  const files = [path, `${path}-wal`]
    .filter((one) => existsSync(one))
    .map((one) => readFileSync(one));
  return texts.filter((text) => files.some((bytes) => bytes.includes(text)));
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}
