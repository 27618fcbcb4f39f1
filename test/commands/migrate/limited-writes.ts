/** A history whose schema depends on the rows that `LIMIT` selects. */
export const LIMITED: Readonly<Record<string, string>> = {
  "migrations/0001_jobs.sql": `CREATE TABLE jobs(id INTEGER PRIMARY KEY, state TEXT, at INT);
INSERT INTO jobs VALUES (1, 'new', 30), (2, 'new', 10), (3, 'new', 20);
CREATE TABLE seats("row" TEXT, seat INT, taken INT, PRIMARY KEY("row", seat)) WITHOUT ROWID;
INSERT INTO seats VALUES ('a', 1, 0), ('a', 2, 0), ('b', 1, 0);
`,
  "migrations/0002_trim.sql": `-- Oldest first.
UPDATE jobs SET state = 'done' WHERE state = 'new' ORDER BY at LIMIT 1;
DELETE FROM jobs ORDER BY at DESC LIMIT 1 OFFSET 1;
UPDATE seats SET taken = 1 ORDER BY "row" DESC, seat DESC LIMIT 2;
CREATE TABLE kept AS SELECT id, state FROM jobs;
`,
};

export const LIMITED_JOBS = [
  { id: 1, state: "new" },
  { id: 2, state: "done" },
];
