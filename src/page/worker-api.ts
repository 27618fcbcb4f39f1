/** @module The Worker's routes of the form as functions. They never throw: a call that fails returns a {@link Failure}. */
import type { AssistantInput, BusinessInput, KnowledgeInput } from "../onboarding/input.ts";
import { type Access, headersOf } from "./access.ts";
import { type OfferedType, type Session, sessionOf, typesOf } from "./read-session.ts";
import { type Answer, type Failure, failureOf, fieldsOf, textOf } from "./call-failure.ts";

const ROOT = "/api/v1/onboarding";
const TIMEOUT_MS = 15_000;

export type Api = ReturnType<typeof openApi>;

type Body = BusinessInput | AssistantInput | KnowledgeInput | Record<string, never>;

const BROKEN: Failure = { kind: "broken", reference: null };

/** Calls `access` before each request, because the credentials can change. */
export function openApi(access: () => Access) {
  const call = async (
    method: "GET" | "POST",
    path: string,
    body: Body | null,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer<unknown>> => {
    try {
      const response = await fetch(`${ROOT}${path}`, {
        method,
        headers: {
          ...headersOf(access()),
          ...(body === null ? {} : { "content-type": "application/json" }),
          ...more,
        },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
      const text = await response.text();
      const value = jsonOf(text);
      return response.ok && value !== undefined
        ? { ok: true, value }
        : { ok: false, failure: failureOf(response.status, response.headers, value) };
    } catch (error) {
      return { ok: false, failure: { kind: "unreached", why: reasonOf(error) } };
    }
  };

  const status = async (session: string): Promise<Answer<Session>> => {
    const answer = await call("GET", `/session/${encodeURIComponent(session)}/status`, null);
    if (!answer.ok) return answer;
    const value = sessionOf(fieldsOf(answer.value)["session"]);
    return value === null ? { ok: false, failure: BROKEN } : { ok: true, value };
  };

  /** Saves a step, then reads the session. If only the second request fails, the step can be saved again: it is idempotent. */
  const step = async (session: string, name: string, body: Body): Promise<Answer<Session>> => {
    const answer = await call("POST", `/session/${encodeURIComponent(session)}/${name}`, body);
    return answer.ok ? status(session) : answer;
  };

  return {
    /** Returns the session's id. The same key returns the same session. */
    async start(key: string): Promise<Answer<string>> {
      const answer = await call("POST", "/start", {}, { "idempotency-key": key });
      if (!answer.ok) return answer;
      const value = textOf(fieldsOf(answer.value)["session_id"]);
      return value === "" ? { ok: false, failure: BROKEN } : { ok: true, value };
    },
    saveBusiness: (session: string, input: BusinessInput) => step(session, "business", input),
    generateAgents: (session: string) => step(session, "agents/auto-generate", {}),
    saveAssistant: (session: string, input: AssistantInput) => step(session, "assistant", input),
    addKnowledge: (session: string, input: KnowledgeInput) => step(session, "knowledge", input),
    complete: (session: string) => step(session, "complete", {}),
    status,
    async agentTypes(): Promise<Answer<OfferedType[]>> {
      const answer = await call("GET", "/agent-types", null);
      if (!answer.ok) return answer;
      return { ok: true, value: typesOf(fieldsOf(answer.value)["agent_types"]) };
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): "offline" | "timeout" | "network" {
  if (!navigator.onLine) return "offline";
  return error instanceof DOMException && error.name === "TimeoutError" ? "timeout" : "network";
}
