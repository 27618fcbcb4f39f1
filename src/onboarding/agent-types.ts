/** @module The agent types and the tools of each. This is the only list. */

export const TOOLS = [
  "searchProducts",
  "bookAppointment",
  "searchKnowledgeBase",
  "createTicket",
  "transferCall",
  "faq",
] as const;
export type Tool = (typeof TOOLS)[number];

export interface AgentType {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tools: readonly Tool[];
  /** False: it cannot be chosen any more, but keeps working for the tenants that have it. */
  readonly offered: boolean;
  /** These two are the defaults of its flags in `omni_agent_configs`. */
  readonly appointments: boolean;
  readonly products: boolean;
}

const TYPES: readonly Pick<AgentType, "id" | "name" | "description" | "tools">[] = [
  {
    id: "multi_purpose",
    name: "Multi-purpose",
    description: "Answers questions, books appointments and transfers calls.",
    tools: ["searchKnowledgeBase", "bookAppointment", "createTicket", "transferCall", "faq"],
  },
  {
    id: "appointment_booking",
    name: "Appointments",
    description: "Finds, books and moves appointments.",
    tools: ["bookAppointment", "transferCall"],
  },
  {
    id: "customer_support",
    name: "Customer support",
    description: "Answers from the knowledge base. Opens a ticket if it finds no answer.",
    tools: ["searchKnowledgeBase", "createTicket", "transferCall", "faq"],
  },
  {
    id: "real_estate_reception",
    name: "Real estate, reception",
    description: "Searches properties for a caller and arranges visits.",
    tools: ["searchProducts", "bookAppointment", "transferCall", "faq"],
  },
  {
    id: "real_estate_callback",
    name: "Real estate, calling back",
    description: "Calls back people who asked about a property.",
    tools: ["searchProducts", "bookAppointment"],
  },
  {
    id: "phone_reception",
    name: "Reception",
    description: "Takes calls and transfers them.",
    tools: ["transferCall", "faq"],
  },
  {
    id: "custom",
    name: "Made to measure",
    description: "Its tools and texts are configured by hand.",
    tools: ["faq", "transferCall"],
  },
];

export const AGENT_TYPES: readonly AgentType[] = TYPES.map((type) => ({
  ...type,
  offered: type.id !== "phone_reception",
  appointments: type.tools.includes("bookAppointment"),
  products: type.tools.includes("searchProducts"),
}));
