/** @module A model of onboarding in plain objects, without SQL and batches. It predicts the result of each call. */
import type { D1Database } from "../../src/database/port.ts";
import { parsePhone } from "../../src/onboarding/phone-number.ts";
import { missingBefore, DONE, type StepName } from "../../src/onboarding/steps.ts";

export interface Call {
  readonly step: StepName | "status";
  readonly tenant: string;
  readonly user: string;
  /** The id of a session, or one that does not exist. */
  readonly session: string;
  readonly key: string | null;
  readonly email: string | null;
  /** As typed. */
  readonly phone: string | null;
  readonly company: string;
  readonly industry: string;
}

interface Tenant {
  company: string | null;
  sector: string | null;
  phone: string | null;
  email: string;
  agents: boolean;
  config: boolean;
}

interface Session {
  readonly id: string;
  readonly tenant: string;
  readonly user: string;
  readonly key: string | null;
  readonly startedAt: string;
  step: number;
  status: string;
}

interface Mapping {
  readonly id: string;
  readonly tenant: string;
  /** E.164, or as stored if it cannot be parsed. */
  number: string;
  spelled: string;
  active: boolean;
}

interface User {
  readonly tenant: string;
  readonly email: string;
}

export interface Model {
  readonly tenants: Map<string, Tenant>;
  readonly users: Map<string, User>;
  readonly sessions: Map<string, Session>;
  mappings: Mapping[];
}

/** The part of a session's state that the model knows. */
export interface Known {
  readonly current_step: number;
  readonly status: string;
  readonly company_name: string | null;
  readonly sector: string | null;
  readonly phone: string | null;
  readonly phone_mapped: number;
}

const e164 = (typed: string): string => {
  const reading = parsePhone(typed);
  return "number" in reading ? reading.number : typed;
};

type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The model of the current rows of a database. */
export async function modelOf(d1: D1Database): Promise<Model> {
  const all = async (sql: string): Promise<Row[]> => (await d1.prepare(sql).all<Row>()).results;
  const tenants = await all(
    `SELECT t.*, EXISTS (SELECT 1 FROM agents WHERE tenant_id = t.id AND is_active = 1) AS people,
       EXISTS (SELECT 1 FROM omni_agent_configs WHERE tenant_id = t.id) AS config FROM tenants AS t`,
  );
  const users = await all("SELECT * FROM users");
  const sessions = await all("SELECT * FROM onboarding_sessions");
  const mappings = await all("SELECT * FROM omni_phone_mappings");
  return {
    tenants: new Map(
      tenants.map((row): [string, Tenant] => [
        String(row["id"]),
        {
          company: text(row["company_name"]),
          sector: text(row["sector"]),
          phone: text(row["phone"]),
          email: String(row["email"]),
          agents: row["people"] === 1,
          config: row["config"] === 1,
        },
      ]),
    ),
    users: new Map(
      users.map((row): [string, User] => [
        String(row["id"]),
        { tenant: String(row["tenant_id"]), email: String(row["email"]) },
      ]),
    ),
    sessions: new Map(
      sessions.map((row): [string, Session] => [
        String(row["id"]),
        {
          id: String(row["id"]),
          tenant: String(row["tenant_id"]),
          user: String(row["user_id"]),
          key: text(row["idempotency_key"]),
          startedAt: String(row["started_at"]),
          step: Number(row["current_step"]),
          status: String(row["status"]),
        },
      ]),
    ),
    mappings: mappings.map((row) => ({
      id: String(row["id"]),
      tenant: String(row["tenant_id"]),
      number: e164(String(row["phone_number"])),
      spelled: String(row["phone_number"]),
      active: row["is_active"] === 1,
    })),
  };
}

/** An error as a text of `outcome.ts`; the session that `start` finds (null: a new one); or the state. */
export type Predicted = string | { readonly found: string | null } | Known;

/** Applies the call to the model, and returns the expected result. */
export function predict(model: Model, call: Call): Predicted {
  if (call.tenant === "default" || call.user === "anonymous") {
    return "forbidden placeholder-identity";
  }
  return call.step === "start" ? start(model, call) : laterStep(model, call, call.step);
}

/** Adds a session whose id the library created. */
export function remember(model: Model, call: Call, id: string, now: string): void {
  const { tenant, user, key } = call;
  model.sessions.set(id, {
    id,
    tenant,
    user,
    key,
    startedAt: now,
    step: DONE.start,
    status: "in_progress",
  });
}

function start(model: Model, call: Call): Predicted {
  const { tenant, user, key, email } = call;
  const existing = model.users.get(user);
  if (existing !== undefined && existing.tenant !== tenant)
    return "forbidden user-of-another-tenant";
  const isNew = { tenant: !model.tenants.has(tenant), user: existing === undefined };
  const tenantEmail = email ?? `${tenant}@temp.local`;
  const userEmail = email ?? `${user}@temp.local`;
  const addresses = {
    tenants: [...model.tenants].filter(([id]) => id !== tenant).map(([, one]) => one.email),
    users: [...model.users.values()].map((one) => one.email),
  };
  const taken =
    (isNew.user && email !== null && emailTaken(model, tenant, email)) ||
    (isNew.tenant && addresses.tenants.includes(tenantEmail)) ||
    (isNew.user && addresses.users.includes(userEmail));
  if (taken) return "conflict email-taken";
  if (isNew.tenant) {
    model.tenants.set(tenant, {
      company: null,
      sector: null,
      phone: null,
      email: tenantEmail,
      agents: false,
      config: false,
    });
  }
  if (isNew.user) model.users.set(user, { tenant, email: userEmail });
  const own = [...model.sessions.values()].filter((one) => one.tenant === tenant);
  const candidates =
    key === null
      ? own.filter((one) => one.key === null && one.user === user && one.status === "in_progress")
      : own.filter((one) => one.key === key);
  const order = ({ startedAt, id }: Session): string => `${startedAt} ${id}`;
  return { found: candidates.toSorted((a, b) => (order(a) < order(b) ? 1 : -1))[0]?.id ?? null };
}

function laterStep(model: Model, call: Call, step: Exclude<Call["step"], "start">): Predicted {
  const session = model.sessions.get(call.session);
  const tenant = model.tenants.get(call.tenant);
  if (session === undefined || tenant === undefined || session.tenant !== call.tenant) {
    return "not-found";
  }
  const state = (): Known => ({
    current_step: session.step,
    status: session.status,
    company_name: tenant.company,
    sector: tenant.sector,
    phone: tenant.phone,
    phone_mapped: Number(
      model.mappings.some(
        (one) => one.tenant === call.tenant && one.spelled === tenant.phone && one.active,
      ),
    ),
  });
  if (step === "status") return state();
  if (session.status === "abandoned") return "conflict session-abandoned";
  if (session.status === "completed") {
    return step === "complete" ? state() : "conflict session-completed";
  }
  const missing = new Set<StepName>(missingBefore(step, session.step));
  if (step === "complete") {
    if (tenant.company === null || tenant.sector === null) missing.add("business");
    if (!tenant.agents) missing.add("agents");
    if (!tenant.config || (tenant.phone !== null && state().phone_mapped === 0)) {
      missing.add("assistant");
    }
  }
  const unreadable = tenant.phone !== null && !/^\+[1-9]\d*$/.test(tenant.phone);
  if (step === "assistant" && unreadable) missing.add("business");
  if (missing.size > 0) return `out-of-order ${[...missing].join(" ")}`;

  if (step === "business") {
    const phone = call.phone === null ? null : e164(call.phone);
    if (phone !== null && numberTaken(model, call.tenant, phone)) return "conflict number-taken";
    if (call.email !== null && emailTaken(model, call.tenant, call.email)) {
      return "conflict email-taken";
    }
    tenant.phone = phone;
    tenant.company = call.company;
    tenant.sector = call.industry;
    tenant.email = call.email ?? tenant.email;
    updateMappings(model, call, tenant);
  }
  if (step === "agents") tenant.agents = true;
  if (step === "assistant") {
    if (tenant.phone !== null && mappedByOthers(model, call.tenant, tenant.phone)) {
      return "conflict number-taken";
    }
    tenant.config = true;
    updateMappings(model, call, tenant);
  }
  session.step = Math.max(session.step, DONE[step]);
  if (step === "complete") session.status = "completed";
  return state();
}

/** Updates the mappings to the tenant's number. */
function updateMappings(
  model: Model,
  { tenant: id, session }: Call,
  { phone, config }: Tenant,
): void {
  const made = new Set(
    [...model.sessions.values()]
      .filter((one) => one.tenant === id)
      .map((one) => `mapping_${one.id}`),
  );
  model.mappings = model.mappings.filter(
    (one) => one.tenant !== id || !made.has(one.id) || one.number === phone,
  );
  if (phone === null || !config) return;
  const own = model.mappings
    .filter((one) => one.tenant === id && one.number === phone)
    .toSorted(
      (a, b) => Number(b.spelled === phone) - Number(a.spelled === phone) || (a.id < b.id ? -1 : 1),
    );
  if (own[0] === undefined) {
    const mapping = { id: `mapping_${session}`, tenant: id, number: phone };
    model.mappings.push({ ...mapping, spelled: phone, active: true });
  } else {
    own[0].spelled = phone;
    own[0].active = true;
  }
}

function mappedByOthers({ mappings }: Model, tenant: string, number: string): boolean {
  return mappings.some((one) => one.tenant !== tenant && one.number === number);
}

function numberTaken(model: Model, tenant: string, number: string): boolean {
  const entered = [...model.tenants].some(([id, one]) => id !== tenant && one.phone === number);
  return entered || mappedByOthers(model, tenant, number);
}

function emailTaken({ tenants, users }: Model, tenant: string, email: string): boolean {
  if (tenants.get(tenant)?.email === email) return false;
  return (
    [...tenants].some(([id, one]) => id !== tenant && one.email === email) ||
    [...users.values()].some((one) => one.tenant !== tenant && one.email === email)
  );
}
