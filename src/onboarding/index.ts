/**
 * Onboarding as a library: `import { openOnboarding } from "d1ops/onboarding"`. It runs in a Worker and in node, on any `D1Database`.
 * @module
 */
export type { AgentType, Tool } from "./agent-types.ts";
export type {
  AssistantInput,
  BusinessInput,
  DocumentInput,
  KnowledgeInput,
  StartInput,
} from "./input.ts";
export { type Onboarding, openOnboarding, type Started } from "./onboarding.ts";
export { type Caller, cryptoRandom, type OnboardingSettings, type Ports } from "./ports.ts";
export type { Conflict, Forbidden, Problem } from "./step-errors.ts";
export type { SessionState } from "./session-state.ts";
export type { StepName } from "./steps.ts";
export { type ErrorDetails, OpsError } from "./errors.ts";
export {
  digestOf,
  type Onboarded,
  onboardWhole,
  type WholeInput,
  wholeInput,
} from "./whole-tenant.ts";
export { type TenantKey, type PriorRun, priorRuns } from "./prior-runs.ts";
