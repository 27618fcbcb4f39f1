/**
 * Writes the report to every output that was asked for. An output that fails costs neither the other outputs nor the report.
 * @module
 */
import { errorCode, reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import type { ExitCode, Report } from "../report/report.ts";
import { renderReport } from "../report/reporters.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { widthOf, writeOut } from "../terminal/streams.ts";
import type { Flags } from "./shared-flags.ts";
import type { Host } from "./host.ts";
import type { Output, Stream } from "./output.ts";

export interface Delivery {
  readonly exitCode: ExitCode;
  /** Null where every output was written. */
  readonly error: OpsError | null;
}

interface Failure {
  readonly output: Output;
  readonly reason: string;
  readonly cause: unknown;
}

/** `changed`: whether the command may have changed something, which decides what a lost report means. */
export async function deliver(
  report: Report,
  outputs: readonly Output[],
  flags: Flags,
  changed: boolean,
  host: Host,
): Promise<Delivery> {
  const failures: Failure[] = [];
  const broken = new Set<Stream>();
  for (const output of outputs) {
    const cause = await write(output.to, await render(report, output, flags, host), host);
    if (cause === null) continue;
    failures.push({ output, reason: reasonOf(cause), cause });
    if (typeof output.to === "string") broken.add(output.to);
  }
  if (failures.length === 0) return { exitCode: report.exitCode, error: null };
  const where = await rescue(report, outputs, failures, broken, flags, host);
  return {
    exitCode: report.exitCode > 1 ? report.exitCode : changed ? 4 : 3,
    error: lost(report, failures, where, changed),
  };
}

/** Null, or why it failed. */
async function write(to: Output["to"], text: string, host: Host): Promise<unknown> {
  if (typeof to === "string") return writeOut(host[to], text);
  try {
    to.write(text);
    return null;
  } catch (error) {
    to.discard();
    // A reader who went away is no failure here either: `--format json=>(head -1)`.
    return errorCode(error) === "EPIPE" ? null : error;
  }
}

async function render(
  report: Report,
  { format, to }: Output,
  flags: Flags,
  host: Host,
): Promise<string> {
  const stream = typeof to === "string" ? host[to] : null;
  return renderReport(format, report, {
    paint: await makePaint(stream !== null && wantsColor(flags.color, host.env, stream)),
    width: stream === null ? Infinity : widthOf(stream),
    unicode: supportsUnicode(host.env, process.platform),
    verbose: flags.verbose === true,
    quiet: flags.quiet === true,
  });
}

/** The stream that has the report in the end; null where both streams are broken. */
async function rescue(
  report: Report,
  outputs: readonly Output[],
  failures: readonly Failure[],
  broken: Set<Stream>,
  flags: Flags,
  host: Host,
): Promise<Stream | null> {
  for (const stream of ["stdout", "stderr"] as const) {
    if (broken.has(stream)) continue;
    if (outputs.some(({ to }) => to === stream)) return stream;
    const format = failures[0]?.output.format ?? "text";
    const text = await render(report, { format, to: stream }, flags, host);
    if ((await writeOut(host[stream], text)) === null) return stream;
    broken.add(stream);
  }
  return null;
}

function lost(
  { command, summary }: Report,
  failures: readonly Failure[],
  where: Stream | null,
  changed: boolean,
): OpsError {
  const path = failures.map(({ output: { to } }) => (typeof to === "string" ? to : to.path));
  const details = { path: path.join(", "), reason: failures[0]?.reason ?? "" };
  const failed = failures.map(({ reason }, at) => `${path[at] ?? ""}: ${reason}`).join("; ");
  const text = {
    message: `The report could not be written to ${failed}. \`${command}\` ran to its end: ${summary}.`,
    hint:
      where === null
        ? "The report is lost, because stdout and stderr fail too."
        : `The report is on ${where}.${changed ? " Do not repeat the command to get it." : ""}`,
  };
  const cause = { cause: failures[0]?.cause };
  return changed
    ? new OpsError("REPORT_UNWRITTEN", details, text, cause)
    : new OpsError("FILE_UNWRITABLE", details, text, cause);
}
