import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Cloudflare } from "../../../fixtures/cloudflare/fake.ts";
import type { OnboardRunOptions } from "../../../src/commands/onboard/run.ts";
import type { D1Database } from "../../../src/database/port.ts";
import type { Report } from "../../../src/report/report.ts";
import { makeProject, type Project, ROOT } from "../../project.ts";
import { impatientClock, makeRemoteProject } from "../../project/remote.ts";

const FOLDER = join(ROOT, "migrations");
const MIGRATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));

export type Place = "local" | "remote";

/** A project whose database has the tables of onboarding. */
export interface Shop extends Project {
  /** The options of every verb. */
  readonly options: Pick<
    OnboardRunOptions,
    "cwd" | "place" | "yes" | "variables" | "clock" | "answerTimeoutMs"
  >;
}

export function localShop(files: Readonly<Record<string, string>> = {}): Shop {
  const project = makeProject(files);
  migrateLocal(project);
  return { ...project, options: { cwd: project.dir, place: "local" } };
}

export function migrateLocal({ file, open }: Project): void {
  mkdirSync(dirname(file), { recursive: true });
  const db = open();
  db.exec("PRAGMA journal_mode = WAL");
  migrate(db);
  db.close();
}

export function remoteShop(
  cloudflare: Cloudflare,
  files: Readonly<Record<string, string>> = {},
): Shop & { renew(): void } {
  const project = makeRemoteProject(cloudflare, files);
  const open = (): DatabaseSync => project.database.open();
  const fill = (): void => {
    const db = open();
    migrate(db);
    db.close();
  };
  fill();
  return {
    ...project,
    open,
    renew() {
      project.renew();
      fill();
    },
    options: {
      cwd: project.dir,
      place: "remote",
      yes: true,
      variables: cloudflare.variables(),
      clock: impatientClock(),
    },
  };
}

function migrate(db: DatabaseSync): void {
  db.exec(`BEGIN; ${MIGRATIONS.join("\n")}; COMMIT`);
}

export async function migrateD1(d1: D1Database): Promise<void> {
  for (const text of MIGRATIONS) await d1.prepare(text).run();
}

/** One line of a file, as an object. */
export interface TenantLine {
  readonly tenant: string;
  readonly user: string;
  readonly key?: string;
  readonly start: { readonly email: string };
  readonly business: {
    readonly company_name: string;
    readonly industry: string;
    readonly phone: string | null;
  };
  readonly assistant: { readonly agent_name: string; readonly voice: string };
  readonly knowledge: {
    readonly documents: readonly { readonly title: string; readonly content: string }[];
  };
}

/** The nth tenant. No two of them conflict. */
export function tenantLine(n: number, over: Partial<TenantLine> = {}): TenantLine {
  return {
    tenant: `tenant-${n}`,
    user: `user-${n}`,
    start: { email: `owner${n}@example.com` },
    business: {
      company_name: `Maison ${n}`,
      industry: n % 2 === 0 ? "retail" : "real_estate",
      phone: numberOf(n),
    },
    assistant: { agent_name: "Nia", voice: "female" },
    knowledge: { documents: [{ title: "Hours", content: `Open until ${n}.` }] },
    ...over,
  };
}

export function numberOf(n: number): string {
  return `+3363998${String(n).padStart(4, "0")}`;
}

export function jsonl(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function someTenants(count: number): string {
  return jsonl(Array.from({ length: count }, (_, n) => tenantLine(n + 1)));
}

/** All rows that onboarding has written, without generated ids and times. */
export function contentsOf({ open }: Pick<Shop, "open">): unknown {
  const db = open();
  try {
    const all = (query: string): unknown[] => db.prepare(query).all();
    return {
      tenants: all(
        "SELECT id, name, email, company_name, sector, phone, onboarding_completed FROM tenants ORDER BY id",
      ),
      users: all("SELECT id, tenant_id, email FROM users ORDER BY id"),
      sessions: all(
        "SELECT tenant_id, user_id, idempotency_key, current_step, status, progress_percentage, metadata FROM onboarding_sessions ORDER BY 1, 3",
      ),
      configs: all(
        "SELECT tenant_id, agent_name, agent_type, voice_id, voice_language, greeting_message, enable_appointments, enable_products FROM omni_agent_configs ORDER BY 1",
      ),
      mappings: all(
        "SELECT phone_number, tenant_id, is_active FROM omni_phone_mappings ORDER BY 1",
      ),
      agents: all("SELECT tenant_id, email, is_active FROM agents ORDER BY 1, 2"),
      slots: all(
        "SELECT tenant_id, day_of_week, start_time, count(*) AS n FROM availability_slots GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
      ),
      categories: all("SELECT tenant_id, key FROM product_categories ORDER BY 1, 2"),
      documents: all("SELECT tenant_id, title, content FROM knowledge_documents ORDER BY 1, 2"),
      log: all("SELECT tenant_id, action FROM audit_logs ORDER BY 1, 2"),
      broken: all("PRAGMA foreign_key_check"),
    };
  } finally {
    db.close();
  }
}

/** The number of rows of each table that onboarding writes. */
export function rowCounts({ open }: Pick<Shop, "open">): Record<string, number> {
  const db = open();
  const tables = [
    "tenants",
    "users",
    "onboarding_sessions",
    "omni_agent_configs",
    "omni_phone_mappings",
    "agents",
    "availability_slots",
    "product_categories",
    "knowledge_documents",
    "audit_logs",
  ];
  const counts = tables.map((name): [string, number] => [
    name,
    Number(db.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.["n"]),
  ]);
  db.close();
  return Object.fromEntries(counts);
}

/** The session id in the report of `start`. */
export function sessionOf({ data: { session } }: Report): string {
  if (typeof session === "string") return session;
  throw new Error(`no session in ${JSON.stringify(session)}`);
}
