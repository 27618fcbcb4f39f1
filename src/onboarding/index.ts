/** @module Onboarding as a library: `import { openOnboarding } from "d1ops/onboarding"`. It runs in a Worker and in node, on any `D1Database`. */
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
export type { SessionState } from "./session-state.ts";
export type { StepName } from "./steps.ts";
export {
  type Conflict,
  type ErrorDetails,
  type Forbidden,
  OpsError,
  type Problem,
} from "./errors.ts";
export {
  digestOf,
  type Onboarded,
  onboardWhole,
  type WholeInput,
  wholeInput,
} from "./whole-tenant.ts";
export { type TenantKey, type PriorRun, priorRuns } from "./prior-runs.ts";
