/**
 * Redirects. `fetch` follows them by itself, and takes along every header but `authorization`: an API key, the
 * configured headers, and with 307 and 308 the SQL would go to whichever host the answer names.
 *
 * Cloudflare's API does not redirect, so that a call of the API follows none. A signed address may redirect within its
 * own origin. A write that is redirected has an unknown outcome: what redirects may have forwarded it before.
 * @module
 */
import { ApiFailure } from "./api-failure.ts";

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

/** As many as `fetch` would follow at most is far more than storage ever needs. */
const MOST = 5;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

/** Null where the answer is no redirect. */
export function redirectFailure(
  asked: string,
  status: number,
  headers: Headers,
): ApiFailure | null {
  if (!REDIRECTS.has(status)) return null;
  const location = headers.get("location");
  const to = location === null ? "an address that it does not name" : originOf(location, asked);
  const redirect = { from: originOf(asked), to };
  return new ApiFailure(
    `${redirect.from} redirected the request to ${redirect.to === redirect.from ? "another address of its own" : redirect.to} (HTTP ${status}). d1ops did not follow, so that nothing was sent there.`,
    { kind: "unknown", status, ray: headers.get("cf-ray"), redirect },
  );
}

/** Asks until the answer is no redirect, as long as that stays at the origin of `url`. @throws ApiFailure */
export async function withinOrigin<T extends Answer>(
  url: string,
  ask: (url: string) => Promise<T>,
): Promise<T> {
  let at = url;
  for (let followed = 0; ; followed += 1) {
    const answer = await ask(at);
    const failure = redirectFailure(at, answer.status, answer.headers);
    if (failure === null) return answer;
    const { from, to } = failure.redirect ?? {};
    if (from !== to || followed === MOST) throw failure;
    const next = new URL(answer.headers.get("location") ?? "", at);
    // An address with a user's name and password: `fetch` refuses it, and its error repeats them.
    next.username = next.password = "";
    at = next.href;
  }
}

/** Without credentials: for addresses that an answer has handed out. @throws ApiFailure */
export async function fetchWithinOrigin(url: string, init: RequestInit): Promise<Response> {
  return withinOrigin(url, async (at) => {
    const response = await fetch(at, { ...init, redirect: "manual" });
    if (redirectFailure(at, response.status, response.headers) !== null) {
      await response.body?.cancel();
    }
    return response;
  });
}

/** Of `data:`, `blob:` and the like, the scheme; the rest of an address may be secret. */
function originOf(address: string, base?: string): string {
  const url = URL.parse(address, base);
  if (url === null) return "an address that cannot be read";
  return /^https?:$/.test(url.protocol) ? url.origin : url.protocol;
}
