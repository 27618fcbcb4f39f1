/** @module The step `agents`: creates the people that callers make appointments with, and their hours, if the tenant has none. */
import { type RawBuilder, sql } from "kysely";
import { ANY_SECTOR, CLOSES, OPEN_DAYS, OPENS, type Person, SECTORS } from "./sectors.ts";
import { newId, type Ports } from "./ports.ts";
import { advance, type BaseValues, requirePriorSteps } from "./session.ts";
import { type Param, type Statement, statement } from "./statement.ts";

export interface AgentValues extends BaseValues {
  /** A JSON array of ids, as many as the largest sector needs. Smaller sectors use the first ones. */
  readonly agentIds: string;
}

const PREFIX = "agent";

const MAX_AGENTS: number = Math.max(
  ANY_SECTOR.people.length,
  ...SECTORS.map(({ people }) => people.length),
);

/** `[{ "key": …, "firstName": … }]`, for the sector that the tenant has when the batch runs. */
function peopleOf(param: Param<AgentValues>): RawBuilder<string> {
  const json = (people: readonly Person[]): RawBuilder<unknown> => sql.lit(JSON.stringify(people));
  const cases = SECTORS.map(({ id, people }) => sql`WHEN ${sql.lit(id)} THEN ${json(people)}`);
  return sql<string>`(SELECT CASE sector ${sql.join(cases, sql` `)} ELSE ${json(ANY_SECTOR.people)} END FROM tenants WHERE id = ${param("tenant")})`;
}

const agents = statement<AgentValues>(
  (
    param,
  ) => sql`INSERT INTO agents (id, tenant_id, first_name, last_name, email, is_active, created_at)
SELECT ${param("agentIds")} ->> p.key, ${param("tenant")}, p.value ->> 'firstName', '',
  (p.value ->> 'key') || '@' || ${param("tenant")} || '.local', 1, ${param("now")}
FROM json_each(${peopleOf(param)}) AS p
WHERE NOT EXISTS (SELECT 1 FROM agents WHERE tenant_id = ${param("tenant")} AND is_active = 1)`,
);

/**
 * Only for agents that this batch inserted, because the tenant may have deleted the hours of others. The last condition keeps a batch
 * that is sent again from inserting its slots twice.
 */
const slots = statement<AgentValues>(
  (param) => sql`INSERT INTO availability_slots
  (id, tenant_id, agent_id, day_of_week, start_time, end_time, is_available, created_at)
SELECT 'slot_' || substr(a.value, ${sql.lit(PREFIX.length + 2)}) || '_' || d.value, ${param("tenant")}, a.value, d.value,
  ${sql.lit(OPENS)}, ${sql.lit(CLOSES)}, 1, ${param("now")}
FROM json_each(${param("agentIds")}) AS a JOIN agents ON agents.id = a.value
CROSS JOIN json_each(${sql.lit(JSON.stringify(OPEN_DAYS))}) AS d
WHERE NOT EXISTS (SELECT 1 FROM availability_slots WHERE agent_id = a.value)`,
);

export const agentWrites: readonly Statement<AgentValues>[] = [agents, slots];

export const agentStatements: readonly Statement<AgentValues>[] = [
  requirePriorSteps("agents"),
  ...agentWrites,
  advance("agents"),
];

export function agentValues(base: BaseValues, random: Ports["random"]): AgentValues {
  const agentIds = Array.from({ length: MAX_AGENTS }, () => newId(random, PREFIX));
  return { ...base, agentIds: JSON.stringify(agentIds) };
}
