/**
 * Starts an import exactly once. Both orders write: `ingest` runs the file, and `init` does too if the service has the
 * file already.
 *
 * If the answer to an order is lost, d1ops reads the outcome. An import is identified by the bookmark at which it started,
 * and every change moves the bookmark. Let B be the bookmark that d1ops read before the order, while no import ran:
 * - An import that started at B is running: it is ours.
 * - An import that started at B has ended, and the bookmark is no longer B: it was ours. An older import that started
 *   at B would have changed nothing, or B would not have been the current bookmark.
 * - The bookmark is still B after several checks: nothing has happened, so d1ops repeats the order.
 * - The bookmark is no longer B, and no import that started at B is known: another program has written, or the service
 *   has forgotten the import. The user has to decide.
 *
 * An import that another program starts between the reading of B and the order looks the same as ours.
 * @module
 */
import type { DatabaseImportParams } from "cloudflare/resources/d1/database";
import { pause } from "../failure/clock.ts";
import { isAnswerLost } from "../failure/kind.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import { requestStep, type Fields, type PollOptions, type Step, waitForOthers } from "./poll.ts";
import { neverAnswered, outcomeUnknown, wayBack } from "./transfer.ts";

type Order =
  | Omit<DatabaseImportParams.Init, "account_id">
  | Omit<DatabaseImportParams.Ingest, "account_id">;

/** `fields`: the file must be uploaded first. */
export type Begun = { readonly fields: Fields } | { readonly step: Ended; readonly before: string };

type Ended = Exclude<Step, { kind: "busy" }>;

/** How often d1ops sends an order whose answer is lost each time. */
const ORDERS = 5;

/** Waits before each check of the outcome, because the order may still be on its way. */
const CHECKS_MS = [1000, 2000, 4000];

export async function beginImport(
  remote: RemoteD1,
  order: Order,
  options: PollOptions,
): Promise<Begun> {
  const wait = waitForOthers(remote, options);
  let before = await quietBookmark(remote, wait);
  for (let lost = 0; lost < ORDERS;) {
    const answer = await sendOrder(remote, order, before);
    if (answer === null) {
      lost += 1;
    } else if (answer.step.kind !== "busy") {
      return begunOf(order, { ...answer, step: answer.step }, before);
    } else if (lost === 0) {
      await wait(answer.step.reason);
      before = await quietBookmark(remote, wait);
    } else {
      // The running task may be the lost order, delayed. From here on `before` must stay the bookmark before that order.
      const step = await findOutcome(remote, before, null);
      if (step !== null) return { step, before };
      await wait(answer.step.reason);
    }
  }
  throw neverAnswered("import a file", ORDERS);
}

/** Waits until no import is running, because a running one is not ours. Returns the current bookmark. */
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
  const { step } = await requestStep(
    remote,
    "read",
    "read the state of the import",
    (sdk, options, account) =>
      sdk.d1.database.import(
        remote.id,
        { ...account, action: "poll", current_bookmark: bookmark },
        options,
      ),
  );
  return step;
}

/** Null if the answer was lost and nothing has happened. */
async function sendOrder(
  remote: RemoteD1,
  order: Order,
  before: string,
): Promise<{ readonly step: Step; readonly fields: Fields } | null> {
  try {
    return await requestStep(remote, "write", "import a file", (sdk, options, account) =>
      sdk.d1.database.import(remote.id, { ...account, ...order }, options),
    );
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    const step = await findOutcome(remote, before, error);
    // The state of a running import has everything that the answer would have had.
    return step === null ? null : { step, fields: { at_bookmark: before } };
  }
}

/** The state of the lost order's import; null if nothing has happened. */
async function findOutcome(
  remote: RemoteD1,
  before: string,
  lost: Error | null,
): Promise<Ended | null> {
  const { clock, signal } = remote.api;
  for (const wait of CHECKS_MS) {
    await pause(clock, wait, signal);
    const step = await pollImport(remote, before);
    if (step.kind === "active") return step;
    const now = await remote.bookmark();
    if (now === before) continue;
    if (step.kind === "complete" || step.kind === "failed") return step;
    // Another program wrote before the order arrived, and the import started at the new bookmark.
    const begun = await pollImport(remote, now);
    if (begun.kind === "active") return { ...begun, bookmark: begun.bookmark ?? now };
    const text = {
      message: `d1ops asked Cloudflare to import a file, and the answer was lost. The database has changed since (from bookmark ${before} to ${now}), and Cloudflare knows no import that did it. Either the import or another program has written.`,
      hint: `Check whether the database contains what the file writes before you import it again. ${wayBack(before)}`,
    };
    throw outcomeUnknown(lost?.message ?? "the answer was lost", text, lost);
  }
  return null;
}
