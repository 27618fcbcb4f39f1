/** @module Writes the report to each output. If an output fails, d1ops still writes the others, and shows the report on stdout or stderr. */
import { errorCode, reasonOf } from "../files/reason.ts";
import { OpsError } from "../report/error.ts";
import type { ExitCode, Report } from "../report/report.ts";
import { renderReport } from "../report/reporters.ts";
import { lookOf } from "../terminal/style.ts";
import { writeOut } from "../terminal/streams.ts";
import type { Host } from "./host.ts";
import type { Output, Stream } from "./output.ts";
import type { Flags } from "./shared-flags.ts";

export interface Delivery {
  readonly report: Report;
  readonly outputs: readonly Output[];
  readonly flags: Flags;
  /** True if the command may have changed something: then a lost report has exit code 4. */
  readonly changed: boolean;
  readonly host: Host;
}

interface Delivered {
  readonly exitCode: ExitCode;
  /** Null if every output was written. */
  readonly error: OpsError | null;
}

interface Failure {
  readonly output: Output;
  readonly reason: string;
  readonly cause: unknown;
}

export async function deliver(delivery: Delivery): Promise<Delivered> {
  const { report, outputs, changed, host } = delivery;
  const failures: Failure[] = [];
  for (const output of outputs) {
    const cause = await write(output.to, await render(output, delivery), host);
    if (cause !== null) failures.push({ output, reason: reasonOf(cause), cause });
  }
  if (failures.length === 0) return { exitCode: report.exitCode, error: null };
  const stream = await writeToStream(failures, delivery);
  return {
    exitCode: report.exitCode > 1 ? report.exitCode : changed ? 4 : 3,
    error: unwritten(failures, stream, delivery),
  };
}

/** Returns null, or the failure. */
async function write(to: Output["to"], text: string, host: Host): Promise<unknown> {
  if (typeof to === "string") return writeOut(host[to], text);
  try {
    to.write(text);
    return null;
  } catch (error) {
    to.discard();
    // A reader that has closed its end is no failure: `--format json=>(head -1)`.
    return errorCode(error) === "EPIPE" ? null : error;
  }
}

async function render(
  { format, to }: Output,
  { report, flags, host }: Pick<Delivery, "report" | "flags" | "host">,
): Promise<string> {
  const stream = typeof to === "string" ? host[to] : null;
  return renderReport(format, report, {
    ...(await lookOf(stream, flags.color, host.env)),
    verbose: flags.verbose === true,
    quiet: flags.quiet === true,
  });
}

/** Returns the stream that shows the report. Null if both streams fail. */
async function writeToStream(
  failures: readonly Failure[],
  delivery: Delivery,
): Promise<Stream | null> {
  const { outputs, host } = delivery;
  for (const stream of ["stdout", "stderr"] as const) {
    if (failures.some(({ output: { to } }) => to === stream)) continue;
    if (outputs.some(({ to }) => to === stream)) return stream;
    const format = failures[0]?.output.format ?? "text";
    const text = await render({ format, to: stream }, delivery);
    if ((await writeOut(host[stream], text)) === null) return stream;
  }
  return null;
}

function unwritten(
  failures: readonly Failure[],
  stream: Stream | null,
  { report: { command, summary }, changed }: Delivery,
): OpsError {
  const path = failures.map(({ output: { to } }) => (typeof to === "string" ? to : to.path));
  const details = { path: path.join(", "), reason: failures[0]?.reason ?? "" };
  const failed = failures.map(({ reason }, at) => `${path[at] ?? ""}: ${reason}`).join("; ");
  const text = {
    message: `The report could not be written to ${failed}. \`${command}\` itself has finished: ${summary}.`,
    hint:
      stream === null
        ? "The report is lost, because stdout and stderr fail too."
        : `The report is on ${stream}.${changed ? " Do not repeat the command to get it." : ""}`,
  };
  const cause = { cause: failures[0]?.cause };
  return changed
    ? new OpsError("REPORT_UNWRITTEN", details, text, cause)
    : new OpsError("FILE_UNWRITABLE", details, text, cause);
}
