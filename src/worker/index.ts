/** @module The entry point of the Worker. Its settings, bindings and secrets: docs/worker.md. */
import { cryptoRandom } from "../onboarding/ports.ts";
import { createApp } from "./app.ts";
import type { App } from "./app-types.ts";
import { readWorkerEnv } from "./worker-env.ts";
import type { LogEntry } from "./request-log.ts";

/** One app per `env`, so that statements are compiled once and the issuer's keys are fetched once. */
const apps = new WeakMap<object, App>();

function appOf(env: object): App {
  const known = apps.get(env);
  if (known !== undefined) return known;
  const made = createApp({
    env: readWorkerEnv(env),
    now: () => new Date(),
    random: cryptoRandom,
    log,
  });
  apps.set(env, made);
  return made;
}

/** One line of JSON: Workers Logs indexes its fields. */
function log(entry: LogEntry): void {
  console[entry.level](JSON.stringify(entry));
}

const worker: { fetch(request: Request, env: object): Response | Promise<Response> } = {
  fetch: (request, env) => appOf(env).fetch(request, env),
};
export default worker;
