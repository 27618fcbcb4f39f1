import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { priorRuns } from "../../src/onboarding/prior-runs.ts";
import { acme, brew, operations, prepareFor, whole } from "./operations.ts";
import { clockAt, emptyMemory, migrate, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";

/**
 * The query plans with many tenants: no statement scans a table.
 */

const TENANTS = 100_000;

interface Recorded {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Records the statements and their values. */
function recording(d1: D1Database, recorded: Recorded[]): D1Database {
  return {
    prepare(sql) {
      const statement = d1.prepare(sql);
      const bind = statement.bind.bind(statement);
      return Object.assign(statement, {
        bind(...values: unknown[]): D1PreparedStatement {
          recorded.push({ sql, values });
          return bind(...values);
        },
      });
    },
    batch: (statements) => d1.batch(statements),
    exec: (query) => d1.exec(query),
  };
}

/** Every statement of onboarding: all steps, successful and rejected, whole tenants, and earlier runs. */
async function allStatements(): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const operation of operations) {
    const { d1, close } = await emptyMemory();
    const clock = clockAt();
    await prepareFor(d1, operation, clock);
    await operation.run(portsOver(recording(d1, recorded), clock, 9));
    close();
  }
  const { d1, close } = await emptyMemory();
  const ports = portsOver(recording(d1, recorded));
  const onboarding = libraryOver(ports);
  const { session } = await onboarding.start(acme, {});
  await onboarding.status(acme, session);
  await outcomeOf(onboarding.complete(acme, session));
  await outcomeOf(onboarding.start({ ...brew, user: acme.user }, {}));
  await whole(ports, { key: "k" });
  await outcomeOf(whole(ports, { key: "k", assistant: { agent_name: "Malo" } }));
  await priorRuns(ports.d1, [{ tenant: "acme", key: "k", digest: "x" }]);
  close();
  return recorded;
}

const many = openMemory();
let statements: Recorded[] = [];

beforeAll(async () => {
  const { d1 } = many;
  await migrate(d1);
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${TENANTS})`;
  const fill = (into: string, values: string): D1PreparedStatement =>
    d1.prepare(`INSERT INTO ${into} ${numbers} SELECT ${values} FROM n`);
  await d1.batch([
    fill(
      "tenants (id, name, email, api_key, company_name, phone)",
      "'t' || i, 'T', 't' || i || '@example.com', 'key' || i, 'T', '+336' || (10000000 + i)",
    ),
    fill(
      "users (id, tenant_id, email, password_hash)",
      "'u' || i, 't' || i, 'u' || i || '@example.com', '!'",
    ),
    fill(
      "onboarding_sessions (id, tenant_id, user_id, started_at, last_updated_at, idempotency_key, status)",
      "'s' || i, 't' || i, 'u' || i, '2026', '2026', iif(i % 2, 'k', NULL), iif(i % 3, 'completed', 'in_progress')",
    ),
    fill("omni_agent_configs (id, tenant_id)", "'c' || i, 't' || i"),
    fill(
      "omni_phone_mappings (id, phone_number, tenant_id)",
      "'mapping_s' || i, '+336' || (10000000 + i), 't' || i",
    ),
    fill(
      "agents (id, tenant_id, first_name, last_name, email)",
      "'a' || i, 't' || i, 'A', '', 'a'",
    ),
    fill(
      "availability_slots (id, tenant_id, agent_id, day_of_week, start_time, end_time)",
      "'l' || i, 't' || i, 'a' || i, 1, '09:00', '18:00'",
    ),
    fill("product_categories (id, tenant_id, key, name)", "'p' || i, 't' || i, 'food', 'F'"),
    fill(
      "knowledge_documents (id, tenant_id, source_type, title, content_hash)",
      "'d' || i, 't' || i, 'text', 'D', hex(i)",
    ),
    fill("audit_logs (id, tenant_id, action)", "'g' || i, 't' || i, 'x'"),
  ]);
  statements = await allStatements();
}, 120_000);

afterAll(() => many.close());

interface Step {
  readonly detail: string;
}

interface Opcode {
  readonly opcode: string;
}

interface Plan {
  readonly sql: string;
  readonly details: readonly string[];
  /** The number of scans that SQLite skips unless a foreign key violation is pending. */
  readonly skipped: number;
}

async function plansOf(): Promise<Plan[]> {
  const texts = [...new Map(statements.map((one) => [one.sql, one])).values()];
  return Promise.all(
    texts.map(async ({ sql, values }) => {
      const steps = many.d1.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...values);
      const program = many.d1.prepare(`EXPLAIN ${sql}`).bind(...values);
      const { results } = await steps.all<Step>();
      const { results: opcodes } = await program.all<Opcode>();
      const skipped = opcodes.filter(({ opcode }) => opcode === "FkIfZero").length;
      return { sql, details: results.map(({ detail }) => detail), skipped };
    }),
  );
}

/**
 * The tables that the statement scans. JSON, subqueries and constant rows are small, so they do not count. A table that the statement does
 * not name references the written one; SQLite scans it only while a violation of its foreign key is pending.
 */
function scansIn({ sql, details, skipped }: Plan): string[] {
  const scans = details.filter(
    (detail) =>
      detail.startsWith("SCAN") &&
      !/^SCAN (?:\w+ VIRTUAL TABLE|CONSTANT ROW|\(subquery|a$|own$|s$)/.test(detail),
  );
  const named = scans.filter((detail) => sql.includes(detail.split(" ")[1] ?? ""));
  return scans.length - named.length > skipped ? scans : named;
}

describe("in a database of a hundred thousand tenants", () => {
  test("onboarding sends more than 25 different statements, which these tests examine", () => {
    expect(new Set(statements.map(({ sql }) => sql)).size).toBeGreaterThan(25);
  });

  test.each(["without ANALYZE", "after ANALYZE"])(
    "no statement scans a table, %s",
    async (when) => {
      if (when === "after ANALYZE") await many.d1.prepare("ANALYZE").run();
      const wrong = (await plansOf()).flatMap((plan) =>
        scansIn(plan).map((scan) => `${scan}: ${plan.sql.slice(0, 90)}`),
      );
      expect(wrong).toEqual([]);
    },
  );

  test("the statements use the indexes that exist for them", async () => {
    const details = (await plansOf()).flatMap((one) => one.details);
    for (const index of [
      "idx_omni_phone_mappings_tail (<expr>=?)",
      "idx_tenants_tail (<expr>=?)",
      "idx_tenants_address (<expr>=?)",
      "idx_users_address (<expr>=?)",
      "ux_tenants_phone (phone=?)",
      "idx_knowledge_documents_hash (tenant_id=? AND content_hash=?)",
      "ux_onboarding_sessions_key (tenant_id=? AND idempotency_key=?)",
      "ux_agents_active_email (tenant_id=?)",
      "idx_slots_agent (agent_id=?)",
    ]) {
      expect(details.filter((detail) => detail.includes(index)).length, index).toBeGreaterThan(0);
    }
  });

  test("every search for a mapping by its number uses the index on the last digits", async () => {
    const searches = (await plansOf()).filter(({ sql }) => /substr\(replace\(/.test(sql));
    expect(searches.length).toBeGreaterThan(4);
    const without = searches.filter(
      ({ sql, details }) =>
        // These search the few mappings of one tenant.
        !/phone_mapping.retired|^DELETE/.test(sql) &&
        !details.some((detail) => detail.includes("idx_omni_phone_mappings_tail")),
    );
    expect(without.map(({ sql }) => sql)).toEqual([]);
  });
});

describe("within the limits of D1", () => {
  test("no statement has more than 100 values or 100,000 bytes, and each value is bound once", () => {
    for (const { sql, values } of statements) {
      const numbers = [...sql.matchAll(/\?(\d+)/g)].map(([, n]) => Number(n));
      expect(Math.max(0, ...numbers)).toBe(values.length);
      expect(values.length).toBeLessThanOrEqual(20);
      expect(new TextEncoder().encode(sql).length).toBeLessThan(10_000);
      expect(sql).not.toMatch(/\bLIKE\b|\bUNION\b/i);
    }
  });

  test("no function has more than 32 arguments", () => {
    for (const { sql } of statements) expect(mostArguments(sql)).toBeLessThanOrEqual(32);
    expect(mostArguments("f(1, g(2, 3), 'a,b(', 4)")).toBe(4);
  });

  test("no value is longer than 2,000,000 bytes, also for fifty documents of the maximum size", async () => {
    const { d1, close } = await emptyMemory();
    const recorded: Recorded[] = [];
    const clock = clockAt();
    const knowledge = operations.find(({ name }) => name === "knowledge");
    if (knowledge === undefined) throw new Error("no knowledge");
    await prepareFor(d1, knowledge, clock);
    const onboarding = libraryOver(portsOver(recording(d1, recorded), clock, 9));
    const { session } = await onboarding.start(acme, {});
    // Text that grows most: a quote is two bytes in JSON, and a non-ASCII character of a URL is nine.
    const documents = Array.from({ length: 50 }, (_, i) => ({
      title: `${i}${"é".repeat(298)}`,
      source_url: `https://example.com/${"a".repeat(1900)}`,
      content: '"'.repeat(8600),
    }));
    expect(await onboarding.addKnowledge(acme, session, { documents })).toMatchObject({
      documents: 50,
    });
    const longest = Math.max(
      ...recorded.flatMap(({ values }) =>
        values.map((value) => new TextEncoder().encode(String(value)).length),
      ),
    );
    expect(longest).toBeGreaterThan(900_000);
    expect(longest).toBeLessThan(2_000_000);
    close();
  });

  test("onboarding accepts a document of the maximum length in three-byte characters", async () => {
    const { d1, close } = await emptyMemory();
    const onboarding = libraryOver(portsOver(d1));
    const { session } = await onboarding.start(acme, {});
    await onboarding.saveBusiness(acme, session, {
      company_name: "花".repeat(200),
      industry: "a".repeat(40),
    });
    await onboarding.generateAgents(acme, session);
    await onboarding.saveAssistant(acme, session, { agent_name: "花".repeat(80) });
    const documents = [{ title: "花".repeat(300), content: "花".repeat(200_000) }];
    expect(await onboarding.addKnowledge(acme, session, { documents })).toMatchObject({
      documents: 1,
    });
    expect(
      await d1.prepare("SELECT length(content) AS n FROM knowledge_documents").first("n"),
    ).toBe(200_000);
    close();
  });
});

/** Counts the commas of each call, plus one. */
function mostArguments(sql: string): number {
  const depths: { readonly isCall: boolean; count: number }[] = [];
  let most = 0;
  for (const [token] of sql.matchAll(/'(?:[^']|'')*'|"[^"]*"|\w+\(|[(),]/g)) {
    if (token.endsWith("(")) depths.push({ isCall: token.length > 1, count: 1 });
    const inner = depths.at(-1);
    if (token === "," && inner !== undefined) inner.count += 1;
    if (token === ")") {
      const closed = depths.pop();
      if (closed?.isCall === true) most = Math.max(most, closed.count);
    }
  }
  return most;
}
