/**
 * Redirects. `fetch` follows them by itself and forwards every header but `authorization`. So an API key, the configured
 * headers, and with 307 and 308 the SQL, would go to whichever host the answer names.
 *
 * Cloudflare's API does not redirect, so a call of the API follows no redirect. A signed address may redirect within its
 * own origin. A redirected write has an unknown outcome, because the redirecting host may have forwarded it first.
 * @module
 */
import { ApiFailure } from "./api-failure.ts";

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

/** `fetch` would follow 20, far more than storage needs. */
const MAX_REDIRECTS = 5;

/** Null if the answer is not a redirect. */
export function redirectFailure(
  requested: string,
  status: number,
  headers: Headers,
): ApiFailure | null {
  if (!REDIRECTS.has(status)) return null;
  const location = headers.get("location");
  const to = location === null ? "an address that it does not name" : originOf(location, requested);
  const redirect = { from: originOf(requested), to };
  return new ApiFailure(
    `${redirect.from} redirected the request to ${redirect.to === redirect.from ? "another address of its own" : redirect.to} (HTTP ${status}). d1ops did not follow, so nothing was sent there.`,
    { kind: "unknown", status, ray: headers.get("cf-ray"), redirect },
  );
}

/** Follows redirects within the origin of `url`. @throws ApiFailure for a redirect to another origin */
export async function withinOrigin<T extends Pick<Response, "status" | "headers">>(
  url: string,
  send: (url: string) => Promise<T>,
): Promise<T> {
  let at = url;
  for (let followed = 0; ; followed += 1) {
    const answer = await send(at);
    const failure = redirectFailure(at, answer.status, answer.headers);
    if (failure === null) return answer;
    const { from, to } = failure.redirect ?? {};
    if (from !== to || followed === MAX_REDIRECTS) throw failure;
    const next = new URL(answer.headers.get("location") ?? "", at);
    // `fetch` rejects an address with a user name and password, and its error repeats them.
    next.username = next.password = "";
    at = next.href;
  }
}

/** Fetches a signed address, without credentials. @throws ApiFailure */
export async function fetchWithinOrigin(url: string, init: RequestInit): Promise<Response> {
  return withinOrigin(url, async (at) => {
    const response = await fetch(at, { ...init, redirect: "manual" });
    if (redirectFailure(at, response.status, response.headers) !== null) {
      await response.body?.cancel();
    }
    return response;
  });
}

/** The origin of an address, or its scheme for `data:`, `blob:` and the like. The rest of an address may be secret. */
function originOf(address: string, base?: string): string {
  const url = URL.parse(address, base);
  if (url === null) return "an address that cannot be read";
  return /^https?:$/.test(url.protocol) ? url.origin : url.protocol;
}
