/** @module What a verified token tells about the credentials and the local clock, as checks and findings. Pure. */
import type { Check, Finding } from "../report/report.ts";
import { type Credentials, describeCredentials } from "./credentials.ts";
import type { TokenVerdict } from "./verify-token.ts";

export function tokenCheck(verdict: TokenVerdict, { source }: Credentials): Check {
  const { state, detail } = verdict;
  const passed = state === "active" ? "pass" : "not-checked";
  return {
    id: "credentials.valid",
    outcome: isRefused(verdict) ? "fail" : passed,
    measured: state,
    expected: "active",
    evidence: { said: detail, source },
  };
}

/** Empty if Cloudflare accepts the credentials, or cannot verify them. */
export function tokenFindings(verdict: TokenVerdict, credentials: Credentials): Finding[] {
  if (!isRefused(verdict)) return [];
  const { kind, source } = credentials;
  return [
    {
      rule: "CREDENTIALS_REFUSED",
      level: "error",
      message: `The ${kind} ${describeCredentials(credentials)} (from ${source}) is ${verdict.state}: ${verdict.detail}`,
      help: "Create a new one with the permission Account > D1 > Edit (https://dash.cloudflare.com/profile/api-tokens), and set CLOUDFLARE_API_TOKEN to it.",
    },
  ];
}

function isRefused({ state }: TokenVerdict): boolean {
  return state === "not active" || state === "unknown to Cloudflare";
}

const SKEW_SECONDS = 30;

export function clockCheck({ skewMs }: TokenVerdict): Check {
  const seconds = Math.round((skewMs ?? 0) / 1000);
  const near = Math.abs(seconds) > SKEW_SECONDS ? "warn" : "pass";
  return {
    id: "clock.skew",
    outcome: skewMs === null ? "not-checked" : near,
    measured: skewMs === null ? null : `${seconds} s`,
    expected: `within ${SKEW_SECONDS} s of Cloudflare's`,
    evidence: {
      note: "Leases use the database's clock. Tokens, certificates and Time Travel use this one.",
    },
  };
}
