/**
 * The kinds of agents that the voice agent knows, and what each may do. There is no other list.
 * @module
 */

export type Tool =
  | "searchProducts"
  | "bookAppointment"
  | "searchKnowledgeBase"
  | "createTicket"
  | "transferCall"
  | "faq";

export interface AgentType {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tools: readonly Tool[];
  /** One that is not goes on working for those who have it. */
  readonly offered: boolean;
  /** What the agent does where nobody has said: its flags in `omni_agent_configs`. */
  readonly appointments: boolean;
  readonly products: boolean;
}

export const AGENT_TYPES: readonly AgentType[] = [
  {
    id: "multi_purpose",
    name: "Multi-purpose",
    description: "Answers, books, and passes on: for who does not want to choose.",
    tools: ["searchKnowledgeBase", "bookAppointment", "createTicket", "transferCall", "faq"],
    offered: true,
    appointments: true,
    products: false,
  },
  {
    id: "appointment_booking",
    name: "Appointments",
    description: "Finds a free slot, books it, moves it.",
    tools: ["bookAppointment", "transferCall"],
    offered: true,
    appointments: true,
    products: false,
  },
  {
    id: "customer_support",
    name: "Customer support",
    description: "Answers from the knowledge base, and opens a ticket for what it does not know.",
    tools: ["searchKnowledgeBase", "createTicket", "transferCall", "faq"],
    offered: true,
    appointments: false,
    products: false,
  },
  {
    id: "real_estate_reception",
    name: "Real estate, reception",
    description: "Searches properties for a caller and arranges visits.",
    tools: ["searchProducts", "bookAppointment", "transferCall", "faq"],
    offered: true,
    appointments: true,
    products: true,
  },
  {
    id: "real_estate_callback",
    name: "Real estate, calling back",
    description: "Calls back who has asked about a property.",
    tools: ["searchProducts", "bookAppointment"],
    offered: true,
    appointments: true,
    products: true,
  },
  {
    id: "phone_reception",
    name: "Reception",
    description: "Takes calls and passes them on.",
    tools: ["transferCall", "faq"],
    offered: false,
    appointments: false,
    products: false,
  },
  {
    id: "custom",
    name: "Made to measure",
    description: "Its tools and words are set up by hand.",
    tools: ["faq", "transferCall"],
    offered: true,
    appointments: false,
    products: false,
  },
];
