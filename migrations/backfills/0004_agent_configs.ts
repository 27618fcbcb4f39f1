/**
 * Converts the agent of a tenant from three shapes of `vapi_data` to a row of `omni_agent_configs`. It does not change an
 * existing row, because its user may have edited it since.
 * @module
 */
// In your own project, import this from "d1ops".
import { defineBackfill } from "../../src/backfills/define.ts";
import { AGENT_TYPES } from "../../src/onboarding/agent-types.ts";
import { VOICE_IDS, VOICE_PROVIDER } from "../../src/onboarding/voices.ts";
import { type Answers, answersOf, readAnswers, said, settledBy } from "./onboarding/answers.ts";
import { sessionsWith, withoutTrace } from "./onboarding/sessions.ts";

/** The types that the voice agent knows. A type that the form no longer offers still works. */
const TYPES: ReadonlySet<string> = new Set(AGENT_TYPES.map(({ id }) => id));

const CONFIGURED = "EXISTS (SELECT 1 FROM omni_agent_configs AS a WHERE a.tenant_id = s.tenant_id)";

const source = sessionsWith("vapi_data", [`${CONFIGURED} AS configured`]);

interface Agent {
  readonly name: string;
  readonly type: string;
  readonly provider: string;
  readonly voice: string;
  readonly language: string;
}

/** Null if there is a name that is not a text. */
function agentOf(answers: Answers): Agent | null {
  const nested = answersOf(answers.get("phone"));
  const first = (...keys: string[]): unknown =>
    keys
      .map((key) => nested.get(key) ?? answers.get(key))
      .find((value) => value !== undefined && value !== null);
  const name = first("assistant_name", "agentName") ?? "";
  if (typeof name !== "string") return null;
  const type = first("agent_type") ?? "";
  const voice = said(first("voice_id"));
  return {
    name: said(name) ?? "Assistant",
    type:
      type === "" ? "multi_purpose" : typeof type === "string" && TYPES.has(type) ? type : "custom",
    // Without the id of one of its own voices, the provider would receive the id of another provider's voice.
    provider: (voice === null ? null : said(first("voice_provider"))) ?? VOICE_PROVIDER,
    voice: voice ?? (first("voice") === "male" ? VOICE_IDS.male : VOICE_IDS.female),
    language: said(first("language")) ?? "fr-FR",
  };
}

export default defineBackfill({
  after: "0004_unified_architecture.sql",
  source,
  key: "id",
  decide(row) {
    const settled = settledBy(row["standing"]);
    if (settled !== null) return settled;
    if (row["configured"] === 1) return { outcome: "already" };
    const unreadable = settledBy(row["document"]);
    if (unreadable !== null) return unreadable;
    const answers = readAnswers(row["vapi_data"]);
    if (answers === null) return { outcome: "invalid", reason: "text-not-unicode" };
    const agent = agentOf(answers);
    if (agent === null) return { outcome: "invalid", reason: "name-not-text" };
    const { name, type, provider, voice, language } = agent;
    const write = `INSERT INTO omni_agent_configs (id, tenant_id, agent_name, agent_type, voice_provider, voice_id, voice_language)
VALUES ('agentconfig_' || ?1, ?2, ?3, ?4, ?5, ?6, ?7)`;
    return {
      outcome: "changed",
      writes: [[write, row["id"], row["tenant_id"], name, type, provider, voice, language]],
    };
  },
  reconcile: withoutTrace("0004_agent_configs", source, "c.configured"),
});
