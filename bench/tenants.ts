/** @module The tenants to onboard. They depend on their number alone, so they are equal in each run and on each machine. */

export interface GeneratedTenant {
  readonly tenant: string;
  readonly user: string;
  readonly start: { readonly email: string };
  readonly business: {
    readonly company_name: string;
    readonly industry: string;
    readonly phone: string;
  };
  readonly assistant: object;
  readonly knowledge: object;
}

/** Sectors. A tenant of the first sector has two people, every other tenant has one. */
const INDUSTRIES = ["real_estate", "retail", "food"] as const;

/** The size of the range of phone numbers that is reserved for fiction. */
const TENANTS_AT_MOST = 10_000;

/** The first `count` tenants. */
export function generateTenants(count: number): GeneratedTenant[] {
  if (count > TENANTS_AT_MOST) throw new RangeError(`${count} tenants have not a number each`);
  return Array.from({ length: count }, (_, i) => {
    const digits = String(i).padStart(4, "0");
    return {
      tenant: `tenant-${digits}`,
      user: `user-${digits}`,
      start: { email: `owner-${digits}@example.com` },
      business: {
        company_name: `Company ${digits}`,
        industry: INDUSTRIES[i % INDUSTRIES.length] ?? "",
        phone: `06 39 98 ${digits.slice(0, 2)} ${digits.slice(2)}`,
      },
      assistant: { agent_name: "Nia", voice: "female", enable_appointments: true },
      knowledge: {
        documents: [{ title: `Hours ${digits}`, content: "From nine to five. ".repeat(20) }],
      },
    };
  });
}

/** The tables in an order in which rows can be inserted. Each has a column with its tenant. */
export const TABLES = [
  "tenants",
  "users",
  "product_categories",
  "onboarding_sessions",
  "agents",
  "availability_slots",
  "omni_agent_configs",
  "omni_phone_mappings",
  "knowledge_documents",
  "audit_logs",
] as const;

const COMPLETED = [
  "(SELECT count(*) FROM onboarding_sessions WHERE status = 'completed')",
  "(SELECT sum(onboarding_completed) FROM tenants)",
];

/** The number of rows of each table, and of completed sessions and tenants, as one text. */
export const STATE_SQL = `SELECT ${[
  ...TABLES.map((table) => `(SELECT count(*) FROM ${table})`),
  ...COMPLETED,
].join(" || ' ' || ")}`;

/** Throws unless the database contains exactly the first `count` tenants, each completed. */
export function requireTenants(standing: unknown, count: number): void {
  const people = count + Math.ceil(count / INDUSTRIES.length);
  const rows: Readonly<Record<(typeof TABLES)[number], number>> = {
    tenants: count,
    users: count,
    product_categories: 4 * count,
    onboarding_sessions: count,
    agents: people,
    availability_slots: 5 * people,
    omni_agent_configs: count,
    omni_phone_mappings: count,
    knowledge_documents: count,
    audit_logs: count,
  };
  const wanted = [...TABLES.map((table) => rows[table]), ...COMPLETED.map(() => count)].join(" ");
  if (standing !== wanted) throw new Error(`rows: ${String(standing)}, instead of ${wanted}`);
}
