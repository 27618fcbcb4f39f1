/** @module A failed call, read from the problem details (RFC 9457) in the Worker's answer. */

export interface FieldProblem {
  /** `documents.0.title`; empty if the problem concerns the whole input. */
  readonly path: string;
  readonly code: string;
}

export type Failure =
  | { readonly kind: "unreached"; readonly why: "offline" | "timeout" | "network" }
  | { readonly kind: "broken"; readonly reference: string | null }
  | { readonly kind: "busy"; readonly seconds: number }
  /** `credentials`: the token is not accepted. `claims`: the token requires a tenant and a user. */
  | { readonly kind: "refused"; readonly why: "credentials" | "claims" }
  | { readonly kind: "invalid"; readonly problems: readonly FieldProblem[] }
  | { readonly kind: "conflict"; readonly reason: string }
  | { readonly kind: "out-of-order"; readonly missing: readonly string[] }
  | { readonly kind: "gone" };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** `body`: the parsed JSON, or undefined if it was not JSON. */
export function failureOf(status: number, headers: Headers, body: unknown): Failure {
  const problem = fieldsOf(body);
  const code = textOf(problem["code"]);
  if (code === "CLAIM_MISSING") return { kind: "refused", why: "claims" };
  if (status === 401 || status === 403) return { kind: "refused", why: "credentials" };
  if (status === 429) return { kind: "busy", seconds: secondsIn(headers) };
  if (code === "ONBOARDING_NOT_FOUND") return { kind: "gone" };
  if (code === "ONBOARDING_INVALID") {
    return { kind: "invalid", problems: listOf(problem["problems"]).map(fieldProblem) };
  }
  if (code === "BODY_TOO_LARGE") {
    return { kind: "invalid", problems: [{ path: "", code: "too-large" }] };
  }
  if (code === "ONBOARDING_CONFLICT") {
    return { kind: "conflict", reason: textOf(problem["reason"]) };
  }
  if (code === "ONBOARDING_OUT_OF_ORDER") {
    return { kind: "out-of-order", missing: listOf(problem["missing"]).map(textOf) };
  }
  return { kind: "broken", reference: textOf(problem["instance"]) || headers.get("x-request-id") };
}

function fieldProblem(value: unknown): FieldProblem {
  const { path, code } = fieldsOf(value);
  return { path: textOf(path), code: textOf(code) };
}

/** Returns 10 if `Retry-After` is missing, a date or invalid. */
function secondsIn(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : 10;
}
