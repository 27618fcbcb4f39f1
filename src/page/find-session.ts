/** @module Finds the session of this tab, or starts a new one. */
import type { Session } from "./read-session.ts";
import type { Api } from "./worker-api.ts";
import type { Answer } from "./call-failure.ts";
import * as storage from "./storage.ts";

export interface Found {
  readonly answer: Answer<Session>;
  /** True if the session that this tab worked on no longer exists or was abandoned. */
  readonly lost: boolean;
}

export async function findSession(api: Api): Promise<Found> {
  const known = storage.session();
  if (known === "") return { answer: await start(api), lost: false };
  const answer = await api.status(known);
  if (answer.ok ? answer.value.status !== "abandoned" : answer.failure.kind !== "gone") {
    return { answer, lost: false };
  }
  storage.forgetSession();
  return { answer: await start(api), lost: true };
}

/** The key may belong to a session that was abandoned since; then a new key starts a new session. */
async function start(api: Api): Promise<Answer<Session>> {
  const started = await api.start(storage.startKey());
  if (!started.ok) return started;
  const answer = await api.status(started.value);
  if (answer.ok && answer.value.status === "abandoned") {
    storage.renewStartKey();
    return start(api);
  }
  storage.keepSession(started.value);
  return answer;
}
