/** @module The table and its backfills, each `n = n + 1`, so that the check finds a row that was skipped or done twice. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeProject, type Project } from "./project.ts";

/** The forms of a backfill, from the cheapest to the most expensive. `program` is in TypeScript, the others are in SQL. */
export type Form = "window" | "todo" | "outcome" | "program";

const HEAD = "-- d1ops:source members\n-- d1ops:key id\n";
const TAIL = "-- d1ops:reconcile\nSELECT id FROM members WHERE n <> 1;\n";
const WRITE = "-- d1ops:write\nUPDATE members SET n = n + 1 WHERE";

const FILES: Readonly<Record<Form, { readonly ending: string; readonly text: string }>> = {
  window: { ending: "sql", text: `${HEAD}${WRITE} {window};\n${TAIL}` },
  todo: { ending: "sql", text: `${HEAD}${WRITE} id IN (SELECT id FROM todo);\n${TAIL}` },
  outcome: {
    ending: "sql",
    text: `${HEAD}-- d1ops:outcome
CASE WHEN n = 0 THEN 'changed' WHEN n = 1 THEN 'already' ELSE 'invalid: more than once' END
${WRITE} id IN (SELECT id FROM todo);
${TAIL}`,
  },
  program: {
    ending: "js",
    text: `export default {
  source: "members",
  key: "id",
  decide: ({ id }) => ({ outcome: "changed", writes: [["UPDATE members SET n = n + 1 WHERE id = ?", id]] }),
  reconcile: "SELECT id FROM members WHERE n <> 1",
};
`,
  },
};

/** The floor: the same work in one transaction, equally durable. */
const FLOOR = `PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
BEGIN IMMEDIATE;
UPDATE members SET n = n + 1;
COMMIT;
`;

/** The table with its rows, 53 bytes each. */
export function membersSql(rows: number): string {
  return `CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0);
INSERT INTO members (id, email, name)
WITH RECURSIVE i (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM i WHERE x < ${rows})
SELECT x, 'member' || x || '@example.com', 'Member number ' || x FROM i;`;
}

export interface Template {
  readonly rows: number;
  readonly file: string;
  readonly remove: () => void;
}

/** Created once, and copied for every sample. */
export function makeTemplate(rows: number): Template {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-bench-members-"));
  const file = join(dir, "members.sqlite");
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; ${membersSql(rows)}`);
  db.close();
  return { rows, file, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A project with all backfills. With a template, its rows are in the local database, or in the file that the floor opens. */
export function makeMembers(
  from: { readonly template: Template; readonly to: "stateFile" | "floorFile" } | null,
  database?: Parameters<typeof makeProject>[1],
): Project {
  const project = makeProject(
    { files: [], expected: { objects: [], tables: [], rows: 0 } },
    database,
  );
  const folder = join(project.dir, "migrations/backfills");
  mkdirSync(folder);
  for (const [form, { ending, text }] of Object.entries(FILES)) {
    writeFileSync(join(folder, `${form}.${ending}`), text);
  }
  writeFileSync(join(project.dir, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(project.dir, "floor.sql"), FLOOR);
  if (from !== null) copyFileSync(from.template.file, project[from.to]);
  return project;
}

/** The number of rows done exactly once, and of those not done. */
export const DONE_SQL = "SELECT sum(n = 1) || ' once, ' || sum(n = 0) || ' not' FROM members";

/** Throws unless exactly this many rows were done once and no other row changed. */
export function requireDone(said: string | undefined, done: number, rows: number): void {
  const wanted = `${done} once, ${rows - done} not`;
  if (said !== wanted) throw new Error(`rows done: ${said}, instead of ${wanted}`);
}

export function checkMembers(file: string, done: number, rows: number): void {
  const db = new DatabaseSync(file, { readOnly: true });
  const value = (sql: string): string => String(Object.values(db.prepare(sql).get() ?? {})[0]);
  try {
    requireDone(value(DONE_SQL), done, rows);
    if (value("PRAGMA journal_mode") !== "wal") throw new Error("the file is not in WAL mode");
  } finally {
    db.close();
  }
}
