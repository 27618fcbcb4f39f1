import { matcherOf } from "../../fixtures/cloudflare/match-route.ts";
import type { Answer, Route } from "../../fixtures/cloudflare/route.ts";
import { workersRoutes } from "../../fixtures/cloudflare/workers/workers-routes.ts";
import { Workers } from "../../fixtures/cloudflare/workers/workers.ts";

export const DATABASE = "11111111-2222-3333-4444-555555555555";
const SCRIPT = "/workers/scripts/shop";

export interface WorkersFixture {
  readonly workers: Workers;
  /** Calls a path below the account. The answer must be a result. */
  ask(method: Route["method"], path: string, body?: unknown): Promise<unknown>;
  /** The codes and the status of an error. */
  refusal(method: Route["method"], path: string, body?: unknown): Promise<Refused>;
  /** The complete answer. */
  call(method: Route["method"], path: string, body?: unknown): Promise<Answer>;
  /** Uploads a version of the Worker `shop`, and returns its id. */
  upload(metadata?: object, query?: string): Promise<string>;
  /** Uploads the Worker with a PUT, and returns the version's id. */
  put(metadata?: object, query?: string): Promise<string>;
  deploy(shares: Readonly<Record<string, number>>, query?: string): Promise<unknown>;
}

interface Refused {
  readonly status: number;
  readonly codes: readonly number[];
  readonly messages: readonly string[];
}

/** The routes of Workers alone, without a server. */
export function workersFixture(
  options: ConstructorParameters<typeof Workers>[0] = {},
): WorkersFixture {
  const workers = new Workers(options);
  const find = matcherOf(workersRoutes({ databaseExists: (id) => id === DATABASE, workers }));
  const room: WorkersFixture = {
    workers,
    async call(method, path, body) {
      const url = new URL(`http://fake/client/v4/accounts/acc${path}`);
      const match = find(method, url.pathname);
      if (match === undefined) throw new Error(`No route answers ${method} ${path}.`);
      const sent =
        body instanceof FormData
          ? new Response(body)
          : new Response(body === undefined ? "" : JSON.stringify(body));
      return match.route.answer({
        method,
        params: match.params,
        query: url.searchParams,
        headers: {
          "user-agent": "wrangler/4",
          "content-type": sent.headers.get("content-type") ?? "",
        },
        body: Buffer.from(await sent.arrayBuffer()),
        origin: "http://fake",
      });
    },
    async ask(method, path, body) {
      const answer = await room.call(method, path, body);
      if ("errors" in answer) throw new Error(JSON.stringify(answer.errors));
      return "text" in answer ? answer.text.toString() : answer.result;
    },
    async refusal(method, path, body) {
      const answer = await room.call(method, path, body);
      if (!("errors" in answer)) throw new Error(`No refusal: ${JSON.stringify(answer)}`);
      return {
        status: answer.status,
        codes: answer.errors.map(({ code }) => code),
        messages: answer.errors.map(({ message }) => message),
      };
    },
    async upload(metadata, query = "") {
      await room.ask("POST", `${SCRIPT}/versions${query}`, form(metadata));
      return newest(workers);
    },
    async put(metadata, query = "?excludeScript=true") {
      await room.ask("PUT", `${SCRIPT}${query}`, form(metadata));
      return newest(workers);
    },
    deploy: (shares, query = "") =>
      room.ask("POST", `${SCRIPT}/deployments${query}`, deploymentOf(shares)),
  };
  return room;
}

/** The form that uploads a Worker of one module, bound to the database. */
export function form(metadata: object = {}): FormData {
  const body = new FormData();
  const whole = {
    main_module: "index.js",
    compatibility_date: "2025-06-01",
    compatibility_flags: [],
    bindings: [{ name: "DB", type: "d1", id: DATABASE }],
    keep_bindings: ["secret_text", "secret_key"],
    ...metadata,
  };
  body.set("metadata", JSON.stringify(whole));
  const code = "export default { fetch: () => new Response('hello') };";
  const type = "application/javascript+module";
  body.set("index.js", new File([code], "index.js", { type }));
  return body;
}

export function deploymentOf(shares: Readonly<Record<string, number>>): object {
  const versions = Object.entries(shares).map(([id, percentage]) => ({
    version_id: id,
    percentage,
  }));
  return { strategy: "percentage", versions };
}

/** The bindings of the Worker's newest version, by name. */
export function bound(workers: Workers): Record<string, unknown> {
  const bindings = workers.get("shop").versions[0]?.bindings ?? [];
  return Object.fromEntries(bindings.map(({ name, type, ...rest }) => [name, { type, ...rest }]));
}

function newest(workers: Workers): string {
  const [version] = workers.get("shop").versions;
  if (version === undefined) throw new Error("The Worker has no version.");
  return version.id;
}
