/** @module The outputs that `--format` names: one may use stdout, each of the others needs its own file. */
import { fstatSync } from "node:fs";
import { resolve } from "node:path";
import { openOutputFile, type OutputFile } from "../files/output-file.ts";
import { OpsError } from "../report/error.ts";
import { type Format, formats } from "../report/reporters.ts";
import type { Flags } from "./shared-flags.ts";
import type { Host } from "./host.ts";

export type Stream = "stdout" | "stderr";

export interface OutputRequest {
  readonly format: Format;
  readonly to: { readonly stream: Stream } | { readonly path: string };
}

export interface Output {
  readonly format: Format;
  readonly to: Stream | OutputFile;
}

/** @throws OpsError USAGE for an unknown format, or for two outputs to the same stream or file */
export function parseOutputs(flags: Pick<Flags, "format" | "json">, cwd: string): OutputRequest[] {
  const given = [...(flags.format ?? []), ...(flags.json === true ? ["json"] : [])];
  const outputs = (given.length === 0 ? ["text"] : given).map(parseOutput);
  const owners = outputs.filter(({ to }) => "stream" in to && to.stream === "stdout");
  if (owners.length > 1) {
    throw usage(
      `${owners.map(({ format }) => format).join(" and ")} both go to stdout.`,
      "Write all but one to a file: --format junit=report.xml",
    );
  }
  const paths = outputs.flatMap(({ to }) => ("path" in to ? [resolve(cwd, to.path)] : []));
  const repeated = paths.find((path, at) => paths.indexOf(path) !== at && !isDevice(path));
  if (repeated !== undefined) throw sameFile(repeated);
  return outputs;
}

/** A device can receive several outputs. `/dev/shm` contains ordinary files. */
function isDevice(path: string): boolean {
  return /^\/dev\/(?!shm\/)/.test(path);
}

function parseOutput(text: string): OutputRequest {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const format = formats.find((known) => known === name);
  if (format === undefined || at === text.length - 1) {
    throw usage(
      `There is no format ${JSON.stringify(text)}.`,
      `Formats: ${formats.join(", ")}; with a file: --format json=report.json`,
    );
  }
  const path = at < 0 ? "-" : text.slice(at + 1);
  const stream = STREAMS.get(path);
  return { format, to: stream === undefined ? { path } : { stream } };
}

/** These paths mean the streams. If a stream is redirected to a file, opening the path would open that file again and overwrite it. */
const STREAMS: ReadonlyMap<string, Stream> = new Map([
  ["-", "stdout"],
  ["/dev/stdout", "stdout"],
  ["/dev/fd/1", "stdout"],
  ["/dev/stderr", "stderr"],
  ["/dev/fd/2", "stderr"],
]);

/**
 * Opens every output before the command runs: if an output cannot be written, the command does not start.
 * @throws OpsError OUTPUT_UNWRITABLE; USAGE if two paths are the same file. Then no file has changed
 */
export function openOutputs(requests: readonly OutputRequest[], host: Host): Output[] {
  const opened: Output[] = [];
  try {
    for (const { format, to } of requests) {
      opened.push({ format, to: "stream" in to ? to.stream : openApart(to.path, opened, host) });
    }
  } catch (error) {
    discardOutputs(opened);
    throw error;
  }
  return opened;
}

/** Removes the empty files that {@link openOutputs} created. */
export function discardOutputs(outputs: readonly Output[]): void {
  for (const { to } of outputs) if (typeof to !== "string") to.discard();
}

function openApart(path: string, others: readonly Output[], host: Host): OutputFile {
  const file = openOutputFile(path, host.cwd);
  const same =
    others.some(({ to }) => typeof to !== "string" && file.isSameAs(to.stats)) ||
    [host.stdout, host.stderr].some(({ fd }) => fd !== undefined && isRedirect(file, fd));
  if (!same) return file;
  file.discard();
  throw sameFile(path);
}

/** True if the stream with this descriptor writes to the file. */
function isRedirect(file: OutputFile, descriptor: number): boolean {
  try {
    return file.isSameAs(fstatSync(descriptor));
  } catch {
    return false;
  }
}

function sameFile(path: string): OpsError {
  return usage(
    `Two outputs go to ${path}: each would overwrite the other.`,
    "Name a different file for each: --format json=report.json --format junit=report.xml",
  );
}

function usage(message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument: "--format" }, { message, hint });
}
