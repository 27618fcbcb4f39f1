import { createHash } from "node:crypto";
import { BASE } from "../../src/worker/routes.ts";
import type { ProblemBody } from "../../src/worker/problem-details.ts";
import { expectDocumented } from "./document.ts";

/** Sends a request to the Worker, wherever it runs. */
export type Send = (request: Request) => Promise<Response>;

export interface RequestParts {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Text, bytes and streams are sent unchanged. */
  readonly body?: unknown;
}

/** True for a response without a request id, which comes from a proxy that lost the connection, not from the Worker. */
export class NotTheWorker extends Error {}

/** Compares every response with the OpenAPI document. */
export type Ask = (method: string, path: string, parts?: RequestParts) => Promise<Response>;

export function makeAsk(send: Send, base = "http://worker.test"): Ask {
  return async (method, path, { headers = {}, body } = {}) => {
    const isRaw =
      body === undefined ||
      typeof body === "string" ||
      body instanceof Uint8Array ||
      body instanceof ReadableStream;
    const raw = isRaw ? (body as RequestInit["body"]) : JSON.stringify(body);
    const type = isRaw ? {} : { "content-type": "application/json" };
    const init = {
      method,
      headers: { ...type, ...headers },
      body: raw ?? null,
      redirect: "manual",
      duplex: "half",
    } as const;
    const answer = await send(new Request(new URL(path, base), init));
    if (!answer.headers.has("x-request-id")) throw new NotTheWorker(await answer.text());
    await expectDocumented(method, path, answer);
    return answer;
  };
}

/** A key for every tenant, one for two tenants, and an expired one. */
export const KEY = "key-of-the-tests-0001";
export const KEY_OF_TWO = "key-of-the-tests-0002";
export const EXPIRED_KEY = "key-of-the-tests-0003";

export function sha256Of(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export const KEYS = [
  { id: "all", sha256: sha256Of(KEY), tenants: "*" },
  { id: "two", sha256: sha256Of(KEY_OF_TWO), tenants: ["acme", "zenith"] },
  {
    id: "over",
    sha256: sha256Of(EXPIRED_KEY),
    tenants: "*",
    notAfter: "2026-01-01T00:00:00Z",
  },
] as const;

export function as(tenant: string, user = `${tenant}-ada`, key = KEY): Record<string, string> {
  return { authorization: `Bearer ${key}`, "x-tenant-id": tenant, "x-user-id": user };
}

export function pathOf(session: string, step: string): string {
  return `${BASE}/session/${encodeURIComponent(session)}/${step}`;
}

export async function begin(ask: Ask, headers: Record<string, string>): Promise<string> {
  const answer = await ask("POST", `${BASE}/start`, { headers, body: {} });
  const { session_id } = (await answer.json()) as { session_id: string };
  return session_id;
}

export const BUSINESS = { company_name: "L'Atelier d'Élise", industry: "retail" };
export const ASSISTANT = { agent_name: "Léa" };

/** Does all steps except `complete`. */
export async function prepare(
  ask: Ask,
  headers: Record<string, string>,
  business: object = BUSINESS,
): Promise<string> {
  const session = await begin(ask, headers);
  for (const [step, body] of [
    ["business", business],
    ["agents/auto-generate", {}],
    ["assistant", ASSISTANT],
    ["knowledge", {}],
  ] as const) {
    const answer = await ask("POST", pathOf(session, step), { headers, body });
    if (answer.status !== 200) throw new Error(`${step}: ${await answer.text()}`);
  }
  return session;
}

export async function problemIn(answer: Response): Promise<ProblemBody> {
  return (await answer.json()) as ProblemBody;
}
