/**
 * `npm run demo`: migrations, backfills, snapshots and onboarding on the example project, in a temporary folder. It runs each command and
 * shows what the command prints.
 * @module
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { buildLegacyDatabase } from "../fixtures/legacy/build.ts";
import { localDatabasePath } from "../src/config/local-file.ts";
import { readSettings } from "../src/config/wrangler-settings.ts";
import { makePaint, wantsColor } from "../src/terminal/style.ts";

const root = resolve(import.meta.dirname, "..");
const colored = wantsColor("auto", process.env, process.stdout);
const paint = await makePaint(colored);

const folder = mkdtempSync(join(tmpdir(), "d1ops-demo-"));
try {
  const file = await makeProject();
  say(
    "A Workers project with a legacy database in its local D1. wrangler has applied 0001 to 0003.",
  );
  show(
    `${count(file, "tenants")} tenants, ${count(file, "onboarding_sessions")} onboarding sessions, ${total(file)} rows in all`,
  );
  const before = rows(file);

  say("Which migrations are applied? d1ops reads wrangler's config and needs none of its own.");
  d1ops("migrate status");
  say("What would apply run? A plan only reads.");
  d1ops("migrate plan");
  say(
    "Apply the migrations. Each is one transaction. The sixth deletes data that three backfills read, so it requires them.",
  );
  d1ops("migrate apply --local", 4);
  say(
    "Run the first backfill on a temporary copy, then all three on the database. Every row has an outcome.",
  );
  d1ops("backfill run 0004_tenant_flags --local --dry-run");
  for (const name of ["0004_tenant_flags", "0004_phone_mappings", "0004_agent_configs"]) {
    d1ops(`backfill run ${name} --local --quiet`);
  }
  d1ops("backfill list");
  say("The quarantine has each row that needs a decision, unchanged and with the reason.");
  for (const line of quarantine(file)) show(line);
  say("Apply again: the sixth migration now runs. Its transaction checks the backfills once more.");
  const earlier = anonymised(file);
  d1ops("migrate apply --local");
  show(`${anonymised(file) - earlier} onboarding sessions are anonymised`);
  say("Does the schema match the files? d1ops replays them in memory and compares the meaning.");
  d1ops("migrate verify");
  say("Apply once more: nothing is pending.");
  d1ops("migrate apply --local");

  const after = rows(file);
  const lost = [...before].filter(([table, n]) => after.get(table) !== n);
  say("Are all rows still there? The demo counted every table before and after.");
  show(
    lost.length === 0
      ? `${before.size} tables, ${total(file)} rows: all there`
      : paint.red(`rows changed in ${lost.map(([table]) => table).join(", ")}`),
  );
  if (lost.length > 0) process.exitCode = 1;
  say(
    `wrangler reads the same history: npx wrangler d1 migrations list DB --local would find nothing to apply.`,
  );

  say("Keep a complete copy of the database, and prove that it can be restored.");
  d1ops("snapshot take --local");
  d1ops("snapshot verify latest --drill");
  say("A mistake deletes all messages. What would a restore change? The dry run changes nothing.");
  deleteMessages(file);
  d1ops("snapshot restore latest --local --dry-run");
  d1ops("snapshot restore latest --local --confirm legacy-onboarding --quiet");
  show(`${total(file)} rows: all there again`);

  say(
    "Sign up new tenants from a file, one transaction per tenant. The last one asks for a number that another tenant has.",
  );
  writeFileSync(join(folder, "tenants.csv"), newTenants(file));
  d1ops("onboard run tenants.csv --local", 4);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The example project, its migrations, and its database where wrangler looks for it. */
async function makeProject(): Promise<string> {
  const config = readFileSync(join(root, "fixtures/legacy-project/wrangler.jsonc"), "utf8");
  writeFileSync(join(folder, "wrangler.jsonc"), config.replace("../../migrations", "migrations"));
  cpSync(join(root, "migrations"), join(folder, "migrations"), { recursive: true });
  // Two of the backfills are programs, which import registries from src/.
  symlinkSync(join(root, "src"), join(folder, "src"));
  const settings = await readSettings({ cwd: folder, variables: {} });
  const file = localDatabasePath(settings.statePath, settings.database.localId);
  mkdirSync(dirname(file), { recursive: true });
  buildLegacyDatabase(file, { upTo: "0003", size: "standard" });
  return file;
}

/** The last tenant has a number that belongs to another one. */
function newTenants(file: string): string {
  const taken = withDatabase(file, (db) =>
    db.prepare("SELECT phone_number FROM omni_phone_mappings ORDER BY id LIMIT 1").get(),
  );
  return `tenant,user,email,company_name,industry,phone,agent_name
fournil,nora,nora@example.com,Le Fournil,food,06 39 98 77 01,Nora
tilleuls,malo,malo@example.com,Agence des Tilleuls,real_estate,06 39 98 77 02,Malo
presse,lise,lise@example.com,La Presse,retail,${String(taken?.["phone_number"])},Lise
`;
}

function say(text: string): void {
  process.stdout.write(`\n${paint.bold(text)}\n`);
}

function show(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

function d1ops(command: string, expected = 0): void {
  process.stdout.write(`\n  ${paint.dim("$")} ${paint.cyan(`d1ops ${command}`)}\n`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/d1ops.js"), ...command.split(" "), "--color", colored ? "always" : "never"],
    { cwd: folder, encoding: "utf8" },
  );
  process.stdout.write(`${stdout}${stderr}`.replaceAll(/^(?=.)/gm, "  "));
  if (status !== 0) show(paint.dim(`exit code ${String(status)}`));
  if (status === expected) return;
  process.exitCode = 1;
  show(paint.red(`exit code ${String(status)}, where ${expected} was expected`));
}

/** The most frequent reasons, with their numbers of rows. */
function quarantine(file: string): string[] {
  const reasons = withDatabase(file, (db) =>
    db
      .prepare(
        "SELECT outcome || ': ' || reason AS why, count(*) AS n FROM d1ops_quarantine GROUP BY 1 ORDER BY n DESC, 1",
      )
      .all()
      .map(({ why, n }) => `${String(n).padStart(3)}  ${String(why)}`),
  );
  const shown = 5;
  return [...reasons.slice(0, shown), `     and ${reasons.length - shown} reasons more`];
}

function anonymised(file: string): number {
  return withDatabase(file, (db) =>
    Number(
      db
        .prepare(
          `SELECT count(*) AS n FROM onboarding_sessions WHERE business_data = '{"anonymized":true}'`,
        )
        .get()?.["n"],
    ),
  );
}

function deleteMessages(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec("DELETE FROM call_messages");
  } finally {
    db.close();
  }
}

function rows(file: string): Map<string, number> {
  return withDatabase(file, (db) => {
    const tables = db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT GLOB 'd1_migrations' AND name NOT GLOB 'd1ops_*' AND name NOT LIKE 'omni%'",
      )
      .all();
    return new Map(tables.map(({ name }) => [String(name), countIn(db, String(name))]));
  });
}

function total(file: string): number {
  return [...rows(file).values()].reduce((sum, n) => sum + n, 0);
}

function count(file: string, table: string): number {
  return withDatabase(file, (db) => countIn(db, table));
}

function countIn(db: DatabaseSync, table: string): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.["n"]);
}

function withDatabase<T>(file: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}
