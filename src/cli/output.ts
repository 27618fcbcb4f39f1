/**
 * The outputs that `--format` asks for: one may own stdout, each other one has a file of its own.
 * @module
 */
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

/** @throws OpsError USAGE for an unknown format, or two that want the same place */
export function parseOutputs(flags: Pick<Flags, "format" | "json">, cwd: string): OutputRequest[] {
  const asked = [...(flags.format ?? []), ...(flags.json === true ? ["json"] : [])];
  const outputs = (asked.length === 0 ? ["text"] : asked).map(parseOutput);
  const owners = outputs.filter(({ to }) => "stream" in to && to.stream === "stdout");
  if (owners.length > 1) {
    throw usage(
      `${owners.map(({ format }) => format).join(" and ")} both want stdout.`,
      "Send all but one to a file: --format junit=report.xml",
    );
  }
  const paths = outputs.flatMap(({ to }) => ("path" in to ? [resolve(cwd, to.path)] : []));
  const twice = paths.find((path, at) => paths.indexOf(path) !== at && !path.startsWith("/dev/"));
  if (twice !== undefined) throw sameFile(twice);
  return outputs;
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

/** Opened by these names, a redirected stream would be a second file that overwrites the first. */
const STREAMS: ReadonlyMap<string, Stream> = new Map([
  ["-", "stdout"],
  ["/dev/stdout", "stdout"],
  ["/dev/fd/1", "stdout"],
  ["/dev/stderr", "stderr"],
  ["/dev/fd/2", "stderr"],
]);

/**
 * Opens every output before the command runs, so that what cannot be written stops it.
 * @throws OpsError OUTPUT_UNWRITABLE, USAGE where two names lead to one file; then no file was changed
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

/** Removes the empty files that opening has created. */
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

/** Whether the stream of this descriptor goes to this file. */
function isRedirect(file: OutputFile, descriptor: number): boolean {
  try {
    return file.isSameAs(fstatSync(descriptor));
  } catch {
    return false;
  }
}

function sameFile(path: string): OpsError {
  return usage(
    `Two outputs want ${path}: each would overwrite the other.`,
    "Name a file for each: --format json=report.json --format junit=report.xml",
  );
}

function usage(message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument: "--format" }, { message, hint });
}
