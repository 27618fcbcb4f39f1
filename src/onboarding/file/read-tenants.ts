/** @module Reads the tenants of a file, and checks the whole file before the first query. */
import type { z } from "zod";
import { isPlaceholder } from "../session.ts";
import { forbidden } from "../errors.ts";
import { problemsOf } from "../input-problems.ts";
import { sha256 } from "../../files/hash.ts";
import type { OnboardingSettings } from "../ports.ts";
import { digestedText, type WholeInput, wholeInput } from "../whole-tenant.ts";
import { type LineClaims, lineClaims, type LineProblem, duplicateProblems } from "./duplicates.ts";
import { csvEntries } from "./csv.ts";
import { columnOf } from "./csv-columns.ts";
import { type Entry, jsonEntries, type Line } from "./lines.ts";

export type InputFormat = "jsonl" | "csv";

export interface Tenant {
  readonly line: number;
  readonly input: WholeInput;
  readonly digest: string;
}

export interface TenantFile {
  /** The valid ones, in their order. If there are problems, onboard none of them. */
  readonly tenants: readonly Tenant[];
  /** Ordered by line. */
  readonly problems: readonly LineProblem[];
  /** The number of lines with a tenant, valid or not. */
  readonly count: number;
}

/** @throws OpsError INPUT_UNREADABLE */
export async function readTenants(
  lines: AsyncIterable<Line>,
  format: InputFormat,
  settings: Required<OnboardingSettings>,
): Promise<TenantFile> {
  const schema = wholeInput(settings);
  const tenants: Tenant[] = [];
  const problems: LineProblem[] = [];
  const claims: LineClaims[] = [];
  for await (const entry of format === "csv" ? csvEntries(lines) : jsonEntries(lines)) {
    const { line } = entry;
    const parsed = "value" in entry ? schema.safeParse(entry.value) : null;
    const input = parsed?.success === true ? parsed.data : null;
    const value = input ?? ("value" in entry ? entry.value : null);
    const claim = lineClaims(line, value, settings.country);
    claims.push(claim);
    problems.push(...problemsOfEntry(entry, parsed, claim));
    if (input !== null) tenants.push({ line, input, digest: digestOfSync(input) });
  }
  const all = [...problems, ...duplicateProblems(claims)].sort((a, b) => a.line - b.line);
  const shown = format === "csv" ? all.map(inColumns) : all;
  return { tenants, problems: shown, count: claims.length };
}

/** The same as the asynchronous `digestOf` of the library, but synchronous and faster. */
export function digestOfSync(input: WholeInput): string {
  return sha256(digestedText(input));
}

function problemsOfEntry(
  entry: Entry,
  parsed: z.ZodSafeParseResult<WholeInput> | null,
  claims: LineClaims,
): LineProblem[] {
  const { line, tenant } = claims;
  if ("problem" in entry) {
    return [{ line, tenant, path: "", code: entry.code, message: entry.problem }];
  }
  if (parsed === null) return [];
  const invalid = parsed.success ? [] : problemsOf(parsed.error);
  return [...identityProblems(claims), ...invalid.map((problem) => ({ line, tenant, ...problem }))];
}

/** Each step rejects placeholder names. This reports them before the first batch. */
function identityProblems({ line, tenant, user }: LineClaims): LineProblem[] {
  if (![tenant, user].some((name) => name !== null && isPlaceholder(name))) return [];
  const message = forbidden("placeholder-identity").message.replace(/\.$/, "");
  return [{ line, tenant, path: "", code: "placeholder-identity", message }];
}

/** With the names and values of the columns. */
function inColumns(problem: LineProblem): LineProblem {
  if (problem.path === "") return problem;
  const message = problem.code === "not-a-flag" ? "must be yes or no" : problem.message;
  return { ...problem, message, where: `column ${columnOf(problem.path)}` };
}
