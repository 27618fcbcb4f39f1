/**
 * `npm run demo`: the main job on the example project, in a folder of its own. Nothing here is acted:
 * each command is run, and what it prints is what you see.
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
import { readSettings } from "../src/config/settings.ts";
import { makePaint, wantsColor } from "../src/terminal/style.ts";

const root = resolve(import.meta.dirname, "..");
const colored = wantsColor("auto", process.env, process.stdout);
const paint = await makePaint(colored);

const folder = mkdtempSync(join(tmpdir(), "d1ops-demo-"));
try {
  const file = await makeProject();
  say(
    "A Workers project as its team left it. Its local D1 holds the legacy system; its ledger is as wrangler leaves it, with 0001 to 0003 applied.",
  );
  show(
    `${count(file, "tenants")} tenants, ${count(file, "onboarding_sessions")} onboarding sessions, ${total(file)} rows in all`,
  );
  const before = rows(file);

  say("Where are we? No configuration of ours is needed; the config is wrangler's.");
  d1ops("migrate status");
  say("What would happen? Planning never writes.");
  d1ops("migrate plan");
  say(
    "Do it. Each migration is one transaction. The sixth forgets what three backfills read: not before they are done.",
  );
  d1ops("migrate apply --local", 4);
  say(
    "The first backfill, on a copy that is thrown away; then all three. Every row has an outcome.",
  );
  d1ops("backfill run 0004_tenant_flags --local --dry-run");
  for (const name of ["0004_tenant_flags", "0004_phone_mappings", "0004_agent_configs"]) {
    d1ops(`backfill run ${name} --local --quiet`);
  }
  d1ops("backfill list");
  say("What could not be decided is in the quarantine: each row, with its reason and as it was.");
  for (const line of quarantine(file)) show(line);
  say("Now the sixth runs: the reconciliations are asked again, in its own transaction.");
  const told = forgotten(file);
  d1ops("migrate apply --local");
  show(`${forgotten(file) - told} onboarding sessions are anonymised`);
  say("Is the schema now what the files say? They are replayed in memory and compared by meaning.");
  d1ops("migrate verify");
  say("And again: there is nothing to do.");
  d1ops("migrate apply --local");

  const after = rows(file);
  const lost = [...before].filter(([table, n]) => after.get(table) !== n);
  say("Did the rows survive? Counted in every table, before and after.");
  show(
    lost.length === 0
      ? `${before.size} tables, ${total(file)} rows: all there`
      : paint.red(`rows changed in ${lost.map(([table]) => table).join(", ")}`),
  );
  if (lost.length > 0) process.exitCode = 1;
  say(
    `wrangler sees the same history: npx wrangler d1 migrations list DB --local would say that there is nothing to apply.`,
  );

  say(
    "New tenants sign up, from a file: each as a whole, or not at all. The last one wants a number that is somebody's.",
  );
  writeFileSync(join(folder, "tenants.csv"), newTenants(file));
  d1ops("onboard run tenants.csv --local", 4);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The example project with its migrations beside it, and its database where wrangler would look for it. */
async function makeProject(): Promise<string> {
  const config = readFileSync(join(root, "fixtures/legacy-project/wrangler.jsonc"), "utf8");
  writeFileSync(join(folder, "wrangler.jsonc"), config.replace("../../migrations", "migrations"));
  cpSync(join(root, "migrations"), join(folder, "migrations"), { recursive: true });
  // Two of the backfills are programs, which use the registries of the Worker that these tables belong to.
  symlinkSync(join(root, "src"), join(folder, "src"));
  const settings = await readSettings({ cwd: folder, variables: {} });
  const file = localDatabasePath(settings.statePath, settings.database.localId);
  mkdirSync(dirname(file), { recursive: true });
  buildLegacyDatabase(file, { upTo: "0003", size: "standard" });
  return file;
}

/** The last with a number that a tenant has already. */
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

/** The most frequent reasons. */
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

function forgotten(file: string): number {
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
