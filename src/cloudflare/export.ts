/**
 * Exports a database as SQL. The database is unavailable during the export, and the export does not preserve every value:
 * see `dump-flaws.ts`.
 *
 * Starting twice is safe. An export changes nothing, and two exports of one database never run at once: Cloudflare rejects
 * the second with "Cannot start a new export until that completes or times out". So d1ops repeats a request whose answer was
 * lost. If Cloudflare rejects the repetition, the running export may be ours, or another program's with other options.
 * Nothing tells which, so d1ops never uses its result: it polls that export to its end, so that the database is free soon,
 * and then starts its own.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { missing, type RemoteD1 } from "./d1.ts";
import { requestStep, pollToEnd, type PollOptions, type Step, waitForOthers } from "./poll.ts";
import { signedAddress, transferFailed, whenInterrupted } from "./transfer.ts";

/** What to export. Default: everything. */
export interface DumpOptions {
  /** Names of tables. Indexes, triggers and views are exported only if they are named too. Empty: all. */
  readonly tables?: readonly string[];
  readonly schema?: boolean;
  readonly data?: boolean;
  /**
   * `d1`: Cloudflare imports it, and refuses to write it for a database with a virtual table. `sqlite3`: as the `.dump` of SQLite's command
   * line, with virtual tables, and with schema and data; Cloudflare does not import it. Default: `d1`.
   */
  readonly format?: "d1" | "sqlite3";
}

export interface ExportOptions extends DumpOptions, PollOptions {
  /** The bookmark of an export that is running or has just ended, to resume after a crash. */
  readonly resume?: string;
  /** Called with the bookmark for `resume` as soon as it is known. */
  readonly onBegin?: (bookmark: string) => void;
}

export interface Exported {
  /** The state of the database that was exported. */
  readonly bookmark: string;
  readonly filename: string;
  /** The download address, valid for an hour, without credentials. */
  readonly url: string;
  readonly dump: DumpOptions;
}

/** @throws OpsError TRANSFER_FAILED, and those of the API */
export async function exportDatabase(
  remote: RemoteD1,
  options: ExportOptions = {},
): Promise<Exported> {
  const { tables = [], schema = true, data = true, format = "d1" } = options;
  const dump = { tables, schema, data, format };
  try {
    return await exportDump(remote, dump, options);
  } catch (error) {
    throw whenInterrupted(error, {
      message: "Interrupted. Nothing was changed.",
      hint: "Cloudflare soon cancels an export that has started. Until then the database is unavailable.",
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
      ? await start(remote, dump, options)
      : { kind: "active" as const, bookmark: resume, messages: [] };
  if (first.messages.length > 0) onProgress?.(first.messages);
  const bookmark = first.bookmark ?? missing("at_bookmark");
  onBegin?.(bookmark);
  const last =
    first.kind === "complete"
      ? first
      : await pollToEnd(remote, bookmark, (at) => exportStep(remote, dump, at), options);
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

async function exportStep(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  bookmark: string | null,
  onSend: () => void = () => {},
): Promise<Step> {
  const { step } = await requestStep(
    remote,
    "read",
    "export the database",
    (sdk, options, account) => {
      onSend();
      return sdk.d1.database.export(
        remote.id,
        {
          ...account,
          output_format: "polling",
          dump_options: {
            no_schema: !dump.schema,
            no_data: !dump.data,
            tables: [...dump.tables],
            // The SDK's types lack it.
            ...(dump.format === "sqlite3" && { compatibility: "sqlite3_cli_only" }),
          },
          ...(bookmark !== null && { current_bookmark: bookmark }),
        },
        options,
      );
    },
  );
  return step;
}

async function start(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  options: ExportOptions,
): Promise<Extract<Step, { kind: "active" | "complete" }>> {
  const wait = waitForOthers(remote, options);
  for (;;) {
    let sent = 0;
    const step = await exportStep(remote, dump, null, () => (sent += 1));
    if (step.kind === "active" || step.kind === "complete") return step;
    if (step.kind !== "busy") throw notExported(step, null);
    if (sent > 1) await waitForOther(remote, dump, options);
    await wait(step.reason);
  }
}

/** Polls the running export to its end, whoever started it. It started at the current bookmark, because nothing can write meanwhile. */
async function waitForOther(
  remote: RemoteD1,
  dump: Required<DumpOptions>,
  options: ExportOptions,
): Promise<void> {
  try {
    const bookmark = await remote.bookmark();
    await pollToEnd(remote, bookmark, (at) => exportStep(remote, dump, at), {
      ...options,
      onProgress() {},
    });
  } catch (error) {
    // Polling only speeds it up: starting our own export shows whether the database is free.
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
  }
}

function tooLong(bookmark: string): OpsError {
  return transferFailed("still active", {
    message: `The export that started at bookmark ${bookmark} is still running after the time limit.`,
    hint: "Cloudflare cancels it soon, because d1ops polls it no longer. Allow more time, or export fewer tables.",
  });
}

function notExported(
  step: Exclude<Step, { kind: "active" | "complete" }>,
  at: string | null,
): OpsError {
  const { kind, reason } = step;
  if (kind === "none") {
    return transferFailed(reason, {
      message: `Cloudflare knows no export that started at bookmark ${at ?? "none"}: ${reason} Cloudflare cancels an export that is not polled for a while.`,
      hint: "Start it again. Nothing was changed.",
    });
  }
  const isVirtual = /virtual table/i.test(reason);
  return transferFailed(reason, {
    message: `Cloudflare did not export the database: ${reason}`,
    hint: isVirtual
      ? "Cloudflare writes virtual tables (FTS5, R*Tree) only in the format of SQLite's command line."
      : "Nothing was changed. Try again. If the error persists, export single tables to find the one that causes it.",
  });
}
