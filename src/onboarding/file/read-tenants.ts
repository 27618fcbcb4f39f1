/**
 * Reads the tenants of a file, and checks the whole file before the first query.
 * @module
 */
import type { z } from "zod";
import { baseValues } from "../session.ts";
import { problemsOf } from "../input-problems.ts";
import { sha256 } from "../../files/hash.ts";
import type { OnboardingSettings } from "../ports.ts";
import { digestedText, type WholeInput, wholeInput } from "../whole-tenant.ts";
import { OpsError } from "../../report/error.ts";
import { type LineClaims, claimsOf, type LineProblem, duplicateProblems } from "./duplicates.ts";
import { csvEntries } from "./csv.ts";
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
    const claim = claimsOf(line, value, settings.country);
    claims.push(claim);
    problems.push(...problemsOfEntry(entry, parsed, claim));
    if (input !== null) tenants.push({ line, input, digest: digestOf(input) });
  }
  const all = [...problems, ...duplicateProblems(claims)].sort((a, b) => a.line - b.line);
  return { tenants, problems: all, count: claims.length };
}

/** The same as the asynchronous `digestOf` of the library, but synchronous and faster. */
export function digestOf(input: WholeInput): string {
  return sha256(digestedText(input));
}

function problemsOfEntry(
  entry: Entry,
  parsed: z.ZodSafeParseResult<WholeInput> | null,
  { line, tenant }: LineClaims,
): LineProblem[] {
  if ("problem" in entry) {
    return [{ line, tenant, path: "", code: entry.code, message: entry.problem }];
  }
  if (parsed === null) return [];
  if (parsed.success) return identityProblems(parsed.data, line);
  return problemsOf(parsed.error).map((problem) => ({ line, tenant, ...problem }));
}

/** Each step rejects placeholder names. This reports them before the first batch. */
function identityProblems({ tenant, user }: WholeInput, line: number): LineProblem[] {
  try {
    baseValues({ tenant, user }, {}, { now: () => new Date(0) });
    return [];
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const message = error.message.replace(/\.$/, "");
    return [{ line, tenant, path: "", code: "placeholder-identity", message }];
  }
}
