/**
 * Has Cloudflare write a database out as SQL. The database answers no query until that is done, and what is written
 * is not always what is there: `dump-flaws.ts` knows.
 *
 * Beginning twice is safe. An export changes nothing, and two of one database never run at once: the second is refused
 * with "Cannot start a new export until that completes or times out". So a lost answer is asked for again; where that
 * is refused, an export runs that may be ours, or somebody's with other options. Nothing says which, so it is never
 * taken for ours: it is followed to its end, so that it lets go of the database soon, and then ours begins.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import {
  askStep,
  BUSY_PAUSE_MS,
  BUSY_WAIT_MS,
  follow,
  type PollOptions,
  type Step,
} from "./poll.ts";
import { signedAddress, transferFailed, whenInterrupted } from "./transfer.ts";

/** What is exported. Default: all of it. */
export interface DumpOptions {
  /** By name. Indexes, triggers and views of a table come only where they are named too. None: all. */
  readonly tables?: readonly string[];
  readonly schema?: boolean;
  readonly data?: boolean;
}

export interface ExportOptions extends DumpOptions, PollOptions {
  /** The bookmark of an export that runs or has just ended, to go on with after a crash. */
  readonly resume?: string;
  /** Told the bookmark as soon as there is one: what `resume` takes. */
  readonly onBegin?: (bookmark: string) => void;
}

/** A finished export. */
export interface Exported {
  /** The state of the database that was written. */
  readonly bookmark: string;
  readonly filename: string;
  /** Where it can be fetched, by anybody, for an hour. */
  readonly url: string;
  readonly dump: DumpOptions;
}

/** @throws OpsError TRANSFER_FAILED, and those of the API */
export async function exportDatabase(
  remote: RemoteD1,
  options: ExportOptions = {},
): Promise<Exported> {
  const { tables = [], schema = true, data = true } = options;
  const dump = { tables, schema, data };
  try {
    return await exportDump(remote, dump, options);
  } catch (error) {
    throw whenInterrupted(error, {
      message: "Interrupted. Nothing was changed.",
      hint: "An export that has begun is soon given up by Cloudflare; until then the database answers no query.",
    });
  }
}

async function exportDump(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  options: ExportOptions,
): Promise<Exported> {
  const { resume, onBegin, onProgress } = options;
  const first =
    resume === undefined
      ? await begin(remote, dump, options)
      : { kind: "active" as const, bookmark: resume, messages: [] };
  if (first.messages.length > 0) onProgress?.(first.messages);
  const bookmark = first.bookmark ?? missing("at_bookmark");
  onBegin?.(bookmark);
  const last =
    first.kind === "complete"
      ? first
      : await follow(remote, bookmark, (at) => ask(remote, dump, at), options);
  if (last === null) throw tooLong(bookmark);
  if (last.kind !== "complete") throw notExported(last, bookmark);
  const { filename, signed_url } = last.result;
  return {
    bookmark,
    filename: typeof filename === "string" ? filename : missing("filename"),
    url: signedAddress(signed_url, "signed_url", remote.api.baseUrl),
    dump,
  };
}

async function ask(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  bookmark: string | null,
  onAsk: () => void = () => {},
): Promise<Step> {
  const { step } = await askStep(remote, "read", "export the database", (sdk, options, account) => {
    onAsk();
    return sdk.d1.database.export(
      remote.id,
      {
        ...account,
        output_format: "polling",
        dump_options: { no_schema: !dump.schema, no_data: !dump.data, tables: [...dump.tables] },
        ...(bookmark !== null && { current_bookmark: bookmark }),
      },
      options,
    );
  });
  return step;
}

async function begin(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  options: ExportOptions,
): Promise<Extract<Step, { kind: "active" | "complete" }>> {
  const { clock, signal } = remote.api;
  const until = clock.now() + (options.waitMs ?? BUSY_WAIT_MS);
  for (;;) {
    let asked = 0;
    const step = await ask(remote, dump, null, () => (asked += 1));
    if (step.kind === "active" || step.kind === "complete") return step;
    if (step.kind !== "busy") throw notExported(step, null);
    if (asked > 1) await release(remote, dump, options);
    if (clock.now() >= until) throw occupied(step.reason);
    await pause(clock, BUSY_PAUSE_MS, signal);
  }
}

/** Follows the export that runs, whosever it is. It began at the current bookmark: nobody has written since. */
async function release(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  options: ExportOptions,
): Promise<void> {
  try {
    const bookmark = await remote.bookmark();
    await follow(remote, bookmark, (at) => ask(remote, dump, at), { ...options, onProgress() {} });
  } catch (error) {
    // That was a kindness. Whether the database is free is seen when ours is begun.
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
  }
}

function occupied(reason: string): OpsError {
  const task = /long-running import/i.test(reason) ? "import" : "export";
  return transferFailed(reason, {
    message: `Another ${task} of this database is running, begun by somebody else or by a run that was lost; Cloudflare does not say by whom. It did not end in time: ${reason}`,
    hint: `Is a \`wrangler d1 ${task === "export" ? "export" : "execute --file"}\`, a nightly backup or a CI job at it? It ends by itself when nobody asks about it; try again then.`,
  });
}

function tooLong(bookmark: string): OpsError {
  return transferFailed("still active", {
    message: `The export that began at bookmark ${bookmark} is still running, and the time for it is over.`,
    hint: "It is given up by Cloudflare soon, now that nobody asks about it. Allow it more time, or export fewer tables.",
  });
}

function notExported(
  step: Exclude<Step, { kind: "active" | "complete" }>,
  at: string | null,
): OpsError {
  const { kind, reason } = step;
  if (kind === "none") {
    return transferFailed(reason, {
      message: `Cloudflare knows no export that began at bookmark ${at ?? "none"} any more: ${reason} One that nobody asks about for a while is given up.`,
      hint: "Begin it again. Nothing was changed.",
    });
  }
  const isVirtual = /virtual table/i.test(reason);
  return transferFailed(reason, {
    message: `Cloudflare did not export the database: ${reason}`,
    hint: isVirtual
      ? "A database with virtual tables (FTS5, R*Tree) cannot be exported whole: name the other tables, or drop the virtual ones and build them again afterwards."
      : "Nothing was changed. Try again; where it stays so, export single tables to find the one that is in the way.",
  });
}
