/**
 * The session that is gone on with, or a new one.
 * @module
 */
import type { Session } from "./answers.ts";
import type { Api } from "./api.ts";
import type { Answer } from "./failure.ts";
import * as kept from "./kept.ts";

export interface Found {
  readonly answer: Answer<Session>;
  /** Whether one that this tab was at work on is not there any more. */
  readonly lost: boolean;
}

export async function findSession(api: Api): Promise<Found> {
  const known = kept.session();
  if (known === "") return { answer: await begin(api), lost: false };
  const answer = await api.status(known);
  if (answer.ok ? answer.value.status !== "abandoned" : answer.failure.kind !== "gone") {
    return { answer, lost: false };
  }
  kept.forgetSession();
  return { answer: await begin(api), lost: true };
}

/** The key may have begun one that was given up since. */
async function begin(api: Api): Promise<Answer<Session>> {
  const started = await api.start(kept.startKey());
  if (!started.ok) return started;
  const answer = await api.status(started.value);
  if (answer.ok && answer.value.status === "abandoned") {
    kept.renewStartKey();
    return begin(api);
  }
  kept.keepSession(started.value);
  return answer;
}
