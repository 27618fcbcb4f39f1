/** @module The invariants of a database. Each query returns the keys of the rows that break one. */
import type { D1Database } from "../../src/database/port.ts";
import { parsePhone } from "../../src/onboarding/phone-number.ts";

/** `?1` is a time: rules with it apply only to rows written since then, because older rows may break them. */
const QUERIES: Readonly<Record<string, string>> = {
  "a tenant has one configuration":
    "SELECT tenant_id AS key FROM omni_agent_configs GROUP BY tenant_id HAVING count(*) > 1",
  "a mapping that onboarding created has the number of its tenant": `SELECT m.id AS key FROM omni_phone_mappings AS m
    JOIN onboarding_sessions AS s ON m.id = 'mapping_' || s.id JOIN tenants AS t ON t.id = m.tenant_id WHERE m.phone_number IS NOT t.phone`,
  "a completed tenant has a company, a sector, people, an agent, and a mapping of its number": `SELECT s.id AS key
    FROM onboarding_sessions AS s JOIN tenants AS t ON t.id = s.tenant_id
    WHERE s.status = 'completed' AND s.completed_at >= ?1 AND NOT (
      t.onboarding_completed = 1 AND t.company_name IS NOT NULL AND t.sector IS NOT NULL
      AND EXISTS (SELECT 1 FROM agents AS a WHERE a.tenant_id = t.id AND a.is_active = 1)
      AND EXISTS (SELECT 1 FROM omni_agent_configs AS c WHERE c.tenant_id = t.id)
      AND (t.phone IS NULL OR EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE m.tenant_id = t.id AND m.phone_number = t.phone AND m.is_active = 1)))`,
  "both times of the last change of a session are equal":
    "SELECT id AS key FROM onboarding_sessions WHERE (last_updated_at >= ?1 OR updated_at >= ?1) AND last_updated_at IS NOT updated_at",
  "a tenant that is flagged as onboarded has a completed session": `SELECT t.id AS key FROM tenants AS t WHERE t.onboarding_completed = 1
    AND NOT EXISTS (SELECT 1 FROM onboarding_sessions AS s WHERE s.tenant_id = t.id AND s.status = 'completed')`,
  "a slot belongs to an agent of its tenant": `SELECT l.id AS key FROM availability_slots AS l JOIN agents AS a ON a.id = l.agent_id
    WHERE a.tenant_id <> l.tenant_id`,
  "a tenant has each document once": `SELECT tenant_id AS key FROM knowledge_documents WHERE is_active = 1 AND created_at >= ?1
    GROUP BY tenant_id, content_hash HAVING count(*) > 1`,
  "each foreign key has its row":
    "SELECT \"table\" || ' ' || rowid AS key FROM pragma_foreign_key_check",
};

interface Found {
  readonly key: string;
}

/** The broken invariants, each with the key of a row that breaks it. */
export async function brokenIn(d1: D1Database, since: string): Promise<string[]> {
  const answers = await d1.batch<Found>([
    ...Object.values(QUERIES).map((query) =>
      query.includes("?1") ? d1.prepare(query).bind(since) : d1.prepare(query),
    ),
    d1.prepare(
      "SELECT phone_number || ' ' || tenant_id AS key FROM omni_phone_mappings WHERE is_active = 1",
    ),
  ]);
  const broken = Object.keys(QUERIES).flatMap((name, i) =>
    (answers[i]?.results ?? []).map(({ key }) => `${name}: ${key}`),
  );
  const owners = new Map<string, Set<string>>();
  for (const { key } of answers.at(-1)?.results ?? []) {
    const at = key.lastIndexOf(" ");
    const reading = parsePhone(key.slice(0, at));
    if (!("number" in reading)) continue;
    owners.set(reading.number, (owners.get(reading.number) ?? new Set()).add(key.slice(at + 1)));
  }
  const shared = [...owners].filter(([, tenants]) => tenants.size > 1);
  return [...broken, ...shared.map(([number]) => `a number belongs to one tenant: ${number}`)];
}
