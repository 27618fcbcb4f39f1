/** @module The state of a session, read in the same batch as the change. */
import { sql } from "kysely";
import { type BaseValues, thisSession } from "./session.ts";
import { type Statement, statement } from "./statement.ts";

/** Times are ISO 8601 in UTC, except in sessions of the original system. */
export interface SessionState {
  readonly id: string;
  readonly current_step: number;
  readonly status: "in_progress" | "completed" | "abandoned";
  readonly progress_percentage: number;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_seconds: number | null;
  readonly company_name: string | null;
  readonly sector: string | null;
  readonly phone: string | null;
  /** 1 if calls to that number reach the tenant, else 0. */
  readonly phone_mapped: number;
  /** The number of people that callers can make appointments with. */
  readonly agents: number;
  readonly documents: number;
  readonly agent_name: string | null;
  readonly agent_type: string | null;
  readonly voice_id: string | null;
  readonly voice_language: string | null;
  readonly enable_appointments: number | null;
  readonly enable_products: number | null;
}

/** The number that the tenant entered. Before that, the number that the backfill found in the data of the original system. */
const PHONE = sql`coalesce(t.phone, (SELECT m.phone_number FROM omni_phone_mappings AS m
  WHERE m.tenant_id = t.id AND m.is_active = 1 AND m.id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = t.id)
  ORDER BY m.id LIMIT 1))`;

export const sessionState: Statement<BaseValues> = statement<BaseValues>(
  (
    param,
  ) => sql`SELECT s.id, s.current_step, s.status, s.progress_percentage, s.started_at, s.completed_at,
  unixepoch(s.completed_at) - unixepoch(s.started_at) AS duration_seconds, t.company_name, t.sector, ${PHONE} AS phone,
  EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE m.phone_number = ${PHONE} AND m.tenant_id = t.id AND m.is_active = 1) AS phone_mapped,
  (SELECT count(*) FROM agents AS a WHERE a.tenant_id = t.id AND a.is_active = 1) AS agents,
  (SELECT count(*) FROM knowledge_documents AS k WHERE k.tenant_id = t.id AND k.is_active = 1) AS documents,
  c.agent_name, c.agent_type, c.voice_id, c.voice_language, c.enable_appointments, c.enable_products
FROM (SELECT * FROM onboarding_sessions WHERE ${thisSession(param)} LIMIT 1) AS s
JOIN tenants AS t ON t.id = s.tenant_id LEFT JOIN omni_agent_configs AS c ON c.tenant_id = t.id`,
);
