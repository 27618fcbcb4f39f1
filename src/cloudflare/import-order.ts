/**
 * Tells the service to begin an import, exactly once. Both orders are writes: `ingest` runs the file, and `init` does
 * where the service has it already.
 *
 * What has become of an order whose answer was lost is read, not guessed. An import is known by the bookmark that it
 * began at, and a bookmark moves with every change. So, of the bookmark B that was read before the order, while no
 * import ran:
 * - an import that began at B runs: it is the one;
 * - one that began at B has ended, and the bookmark is another: it was the one. An older one that had begun at B would
 *   have changed nothing, or B would not have been current any more;
 * - the bookmark is still B, after several looks: nothing has happened, and the order is given again;
 * - the bookmark is another, and no import is known that began at B: somebody has written, or the service has
 *   forgotten. That is for a human to decide.
 *
 * It cannot be told apart from an import that somebody else begins in the moment between the look and the order.
 * @module
 */
import type { DatabaseImportParams } from "cloudflare/resources/d1/database";
import type { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { isLost } from "../failure/kind.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import {
  askStep,
  BUSY_PAUSE_MS,
  BUSY_WAIT_MS,
  type Fields,
  type PollOptions,
  type Step,
} from "./poll.ts";
import { outcomeUnknown, transferFailed, wayBack } from "./transfer.ts";

type Order =
  | Omit<DatabaseImportParams.Init, "account_id">
  | Omit<DatabaseImportParams.Ingest, "account_id">;

/** `fields`: the file is to be uploaded first. */
export type Begun = { readonly fields: Fields } | { readonly step: Ended; readonly before: string };

type Ended = Exclude<Step, { kind: "busy" }>;

/** So often an order is given that is lost each time. */
const ORDERS = 5;

/** Waits before each look at what has become of an order: it may still be on its way. */
const LOOKS_MS = [1000, 2000, 4000];

export async function beginImport(
  remote: RemoteD1,
  order: Order,
  options: PollOptions,
): Promise<Begun> {
  const { clock, signal } = remote.api;
  const until = clock.now() + (options.waitMs ?? BUSY_WAIT_MS);
  const wait = async (reason: string): Promise<void> => {
    if (clock.now() >= until) throw occupied(reason);
    await pause(clock, BUSY_PAUSE_MS, signal);
  };
  let before = await quietBookmark(remote, wait);
  for (let lost = 0; lost < ORDERS;) {
    const answer = await give(remote, order, before);
    if (answer === null) {
      lost += 1;
    } else if (answer.step.kind !== "busy") {
      return begunOf(order, { ...answer, step: answer.step }, before);
    } else if (lost === 0) {
      await wait(answer.step.reason);
      before = await quietBookmark(remote, wait);
    } else {
      // What is in the way may be the order that was lost, late. From here on the bookmark stays the one before it.
      const step = await settle(remote, before, null);
      if (step !== null) return { step, before };
      await wait(answer.step.reason);
    }
  }
  throw neverAnswered();
}

/** The current bookmark, while no import runs: one that runs already is not ours. */
async function quietBookmark(
  remote: RemoteD1,
  wait: (reason: string) => Promise<void>,
): Promise<string> {
  for (;;) {
    const bookmark = await remote.bookmark();
    const running = await pollImport(remote, bookmark);
    if (running.kind !== "active") return bookmark;
    await wait("Currently processing a long-running import.");
  }
}

function begunOf(
  { action }: Order,
  { step, fields }: { readonly step: Ended; readonly fields: Fields },
  before: string,
): Begun {
  if (step.kind !== "active") return { step, before };
  const { upload_url, status, at_bookmark } = fields;
  if (action === "init" && upload_url !== undefined) return { fields };
  if (status !== undefined || at_bookmark !== undefined) return { step, before };
  return missing(action === "init" ? "upload_url" : "at_bookmark");
}

export async function pollImport(remote: RemoteD1, bookmark: string): Promise<Step> {
  const { step } = await askStep(remote, "read", "look at the import", (sdk, options, account) =>
    sdk.d1.database.import(
      remote.id,
      { ...account, action: "poll", current_bookmark: bookmark },
      options,
    ),
  );
  return step;
}

/** Null where the answer was lost and nothing has happened. */
async function give(
  remote: RemoteD1,
  order: Order,
  before: string,
): Promise<{ readonly step: Step; readonly fields: Fields } | null> {
  try {
    return await askStep(remote, "write", "import a file", (sdk, options, account) =>
      sdk.d1.database.import(remote.id, { ...account, ...order }, options),
    );
  } catch (error) {
    if (!isLost(error)) throw error;
    const step = await settle(remote, before, error);
    // What is read of a running one has all that an answer would have had.
    return step === null ? null : { step, fields: { at_bookmark: before } };
  }
}

/** Null: nothing has happened. */
async function settle(remote: RemoteD1, before: string, lost: Error | null): Promise<Ended | null> {
  const { clock, signal } = remote.api;
  for (const wait of LOOKS_MS) {
    await pause(clock, wait, signal);
    const step = await pollImport(remote, before);
    if (step.kind === "active") return step;
    const now = await remote.bookmark();
    if (now === before) continue;
    if (step.kind === "complete" || step.kind === "failed") return step;
    // Somebody wrote between the look and the order, and the import began at what came of that.
    const late = await pollImport(remote, now);
    if (late.kind === "active") return { ...late, bookmark: late.bookmark ?? now };
    const text = {
      message: `Cloudflare was told to import a file, and the answer was lost. The database has changed since (bookmark ${before} then, ${now} now), and no import is known that would have done it. Another program may have written, or the import has.`,
      hint: `Look at what the file should have written before you import it again. ${wayBack(before)}`,
    };
    throw outcomeUnknown(lost?.message ?? "the answer was lost", text, lost);
  }
  return null;
}

function neverAnswered(): OpsError {
  return transferFailed("no answer", {
    message: `Cloudflare was told to import a file ${ORDERS} times, and did not answer. The database is as it was.`,
    hint: "Try again in a while; https://www.cloudflarestatus.com tells what is known.",
  });
}

function occupied(reason: string): OpsError {
  return transferFailed(reason, {
    message: `Another export or import of this database is running, begun by somebody else or by a run that was lost; Cloudflare does not say by whom. It did not end in time: ${reason} Nothing was imported.`,
    hint: "Is a `wrangler d1 export`, a `wrangler d1 execute --file`, a nightly backup or a CI job at it? Try again when it is over.",
  });
}
