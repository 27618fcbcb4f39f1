/**
 * The part of `doctor` that examines Cloudflare: credentials, network, clock and account, with the source of each value.
 * Makes a few calls, which only read.
 * @module
 */
import { checkedAccount } from "../../cloudflare/account.ts";
import { ApiFailure } from "../../cloudflare/api-failure.ts";
import type { Api } from "../../cloudflare/api.ts";
import { opsErrorOf } from "../../cloudflare/call-error.ts";
import { baseUrlFrom, describeCredentials } from "../../cloudflare/credentials.ts";
import { clockCheck, tokenCheck, tokenFindings } from "../../cloudflare/token-checks.ts";
import { type TokenVerdict, verifyToken } from "../../cloudflare/verify-token.ts";
import { connectAs, findCredentials, type RemoteProject } from "../../project/connect-remote.ts";
import type { AnyProject } from "../../project/project.ts";
import { sourceOfVariable } from "../../project/settings.ts";
import { examine, type Examination } from "./examine.ts";

/** Fewer than usual: a diagnosis must not wait until a failing service recovers. */
const ATTEMPTS = 2;

/** Null if Cloudflare cannot be called, or if the account is not known. */
export async function examineCloudflare(
  found: Examination,
  { settings, options, variables }: AnyProject,
): Promise<RemoteProject | null> {
  const sourceOf = (name: string): string => sourceOfVariable(options, name);
  const credentials = await examine(found, "credentials.found", "a token or a login", async () => {
    const value = await findCredentials(settings, variables);
    const { source, kind } = value;
    const [first = ""] = source.split(" and ");
    const from = source === "wrangler login" ? "wrangler" : sourceOf(first);
    return {
      value,
      measured: `${kind} ${describeCredentials(value)}, from ${sourceText(source, from)}`,
      evidence: { source, from },
    };
  });
  if (credentials === null) return null;
  const { api, account: known } = connectAs({
    credentials,
    settings,
    variables,
    options,
    attempts: ATTEMPTS,
    suggestsDoctor: false,
  });
  const verdict = await examineNetwork(found, api, known?.id ?? null, baseUrlFrom(variables));
  if (verdict === null) return null;
  found.checks.push(tokenCheck(verdict, credentials), clockCheck(verdict));
  found.findings.push(...tokenFindings(verdict, credentials));
  const expected = "an account of the credentials";
  const account = await examine(found, "account.known", expected, async () => {
    const value = await checkedAccount(api, known);
    const { id, source } = value;
    const where = sourceOf(source);
    const from = where === "nowhere" ? settings.configPath : where;
    return {
      value,
      measured: `${id}, from ${sourceText(source, where)}`,
      evidence: { source, from },
    };
  });
  return account === null ? null : { api, account };
}

/** `CLOUDFLARE_API_TOKEN (.env)` */
function sourceText(source: string, from: string): string {
  return from === "nowhere" || from === "wrangler" ? source : `${source} (${from})`;
}

/** Null if Cloudflare did not answer. */
async function examineNetwork(
  found: Examination,
  api: Api,
  account: string | null,
  { url, source }: ReturnType<typeof baseUrlFrom>,
): Promise<TokenVerdict | null> {
  return examine(found, "network.reachable", "an answer of Cloudflare", async () => {
    const value = await verifyToken(api, account).catch((error: unknown) => {
      if (!(error instanceof ApiFailure)) throw error;
      throw opsErrorOf(error, { what: "check the token", effect: "read", api });
    });
    const from = source === "default" ? "" : `, from ${source}`;
    return { value, measured: `answered at ${url}${from}`, evidence: { url, source } };
  });
}
