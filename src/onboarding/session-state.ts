/**
 * The state of a session, read in the same batch as the change.
 * @module
 */
import { sql } from "kysely";
import { type BaseValues, thisSession } from "./session.ts";
import { build, type Statement, statement } from "./statement.ts";

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
const PHONE = sql<
  string | null
>`coalesce(t.phone, (SELECT m.phone_number FROM omni_phone_mappings AS m
  WHERE m.tenant_id = t.id AND m.is_active = 1 AND m.id IN (SELECT 'mapping_' || id FROM onboarding_sessions WHERE tenant_id = t.id)
  ORDER BY m.id LIMIT 1))`;

export const sessionState: Statement<BaseValues> = statement<BaseValues>((param) =>
  build
    .selectFrom(
      build
        .selectFrom("onboarding_sessions")
        .selectAll()
        .where(thisSession(param))
        .limit(sql.lit(1))
        .as("s"),
    )
    .innerJoin("tenants as t", "t.id", "s.tenant_id")
    .leftJoin("omni_agent_configs as c", "c.tenant_id", "t.id")
    .select([
      "s.id",
      "s.current_step",
      "s.status",
      "s.progress_percentage",
      "s.started_at",
      "s.completed_at",
      sql<number | null>`unixepoch(s.completed_at) - unixepoch(s.started_at)`.as(
        "duration_seconds",
      ),
      "t.company_name",
      "t.sector",
      PHONE.as("phone"),
      sql<number>`EXISTS (SELECT 1 FROM omni_phone_mappings AS m WHERE m.phone_number = ${PHONE} AND m.tenant_id = t.id AND m.is_active = 1)`.as(
        "phone_mapped",
      ),
      sql<number>`(SELECT count(*) FROM agents AS a WHERE a.tenant_id = t.id AND a.is_active = 1)`.as(
        "agents",
      ),
      sql<number>`(SELECT count(*) FROM knowledge_documents AS k WHERE k.tenant_id = t.id AND k.is_active = 1)`.as(
        "documents",
      ),
      "c.agent_name",
      "c.agent_type",
      "c.voice_id",
      "c.voice_language",
      "c.enable_appointments",
      "c.enable_products",
    ]),
);
