/**
 * The floor of onboarding, in a process of its own: it inserts the rows of each tenant in one transaction, with statements that it
 * prepares once. It prints the time from opening the file to closing it, without its start and without reading the rows.
 *
 *     node bench/onboarding-floor.ts FILLED EMPTY FULL|NORMAL
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { tenantRows } from "./tenant-rows.ts";

const [filled = "", empty = "", synchronous = ""] = process.argv.slice(2);
const { inserts, batches } = tenantRows(filled);

const started = performance.now();
const db = new DatabaseSync(empty, { enableForeignKeyConstraints: true });
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
// As in `onboard run`, which waits for the disk once: when it closes the file.
if (synchronous === "NORMAL") db.exec("PRAGMA wal_autocheckpoint = 10000");
const statements = inserts.map((sql) => db.prepare(sql));
const begin = db.prepare("BEGIN IMMEDIATE");
const commit = db.prepare("COMMIT");
for (const batch of batches) {
  begin.run();
  for (const [insert, values] of batch) statements[insert]?.run(...values);
  commit.run();
}
db.close();
process.stdout.write(JSON.stringify({ ms: performance.now() - started }));
