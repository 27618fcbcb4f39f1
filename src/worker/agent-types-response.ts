/**
 * The body that lists the types of agents.
 * @module
 */
import { z } from "zod";
import type { AgentType } from "../onboarding/agent-types.ts";

export interface AgentTypes {
  readonly success: true;
  readonly agent_types: readonly Pick<AgentType, "id" | "name" | "description" | "tools">[];
}

export const agentTypes: z.ZodType<AgentTypes> = z.strictObject({
  success: z.literal(true),
  agent_types: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      tools: z.array(
        z.enum([
          "searchProducts",
          "bookAppointment",
          "searchKnowledgeBase",
          "createTicket",
          "transferCall",
          "faq",
        ]),
      ),
    }),
  ),
});

export function toAgentTypes(types: readonly AgentType[]): AgentTypes {
  const offered = types.map(({ id, name, description, tools }) => ({
    id,
    name,
    description,
    tools,
  }));
  return { success: true, agent_types: offered };
}
