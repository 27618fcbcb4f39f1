/**
 * The Worker. Its settings, bindings and secrets: docs/worker.md.
 * @module
 */
import { cryptoRandom } from "../onboarding/ports.ts";
import { makeApp } from "./app.ts";
import type { App } from "./context.ts";
import { readEnvironment } from "./environment.ts";
import type { Note } from "./note.ts";

/** One for each environment, so that statements and the keys of an issuer are made and fetched once. */
const apps = new WeakMap<object, App>();

function appOf(env: object): App {
  const known = apps.get(env);
  if (known !== undefined) return known;
  const made = makeApp({
    reading: readEnvironment(env),
    now: () => new Date(),
    random: cryptoRandom,
    log,
  });
  apps.set(env, made);
  return made;
}

/** One line of JSON, which Workers Logs makes fields of. */
function log(note: Note): void {
  console[note.level](JSON.stringify(note));
}

const worker: { fetch(request: Request, env: object): Response | Promise<Response> } = {
  fetch: (request, env) => appOf(env).fetch(request, env),
};
export default worker;
