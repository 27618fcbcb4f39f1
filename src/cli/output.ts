/**
 * Who owns stdout: the formats that were asked for, each to its file or to stdout, where one may be.
 * @module
 */
import { writeFile } from "node:fs/promises";
import { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import { type Format, formats, renderReport } from "../report/reporters.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { writeOut } from "../terminal/streams.ts";
import type { Flags } from "./flags.ts";

export interface Output {
  readonly format: Format;
  /** null is stdout. */
  readonly file: string | null;
}

/** @throws OpsError USAGE for an unknown format, or two that both want stdout */
export function parseOutputs(flags: Pick<Flags, "format" | "json">): Output[] {
  const asked = [...(flags.format ?? []), ...(flags.json === true ? ["json"] : [])];
  const outputs = (asked.length === 0 ? ["text"] : asked).map(parseOutput);
  const owners = outputs.filter(({ file }) => file === null);
  if (owners.length > 1) {
    throw usage(
      `${owners.map(({ format }) => format).join(" and ")} both want stdout.`,
      "Send all but one to a file: --format junit=report.xml",
    );
  }
  return outputs;
}

function parseOutput(text: string): Output {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const format = formats.find((known) => known === name);
  if (format === undefined || at === text.length - 1) {
    throw usage(
      `There is no format ${JSON.stringify(text)}.`,
      `Formats: ${formats.join(", ")}; with a file: --format json=report.json`,
    );
  }
  return { format, file: at < 0 ? null : text.slice(at + 1) };
}

function usage(message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument: "--format" }, { message, hint });
}

/** Writes the report everywhere it was asked for. */
export async function printReport(
  report: Report,
  outputs: readonly Output[],
  flags: Flags,
): Promise<void> {
  for (const { format, file } of outputs) {
    const text = await renderReport(format, report, {
      paint: await makePaint(file === null && wantsColor(flags.color, process.env, process.stdout)),
      width: file === null && process.stdout.isTTY ? process.stdout.columns : Infinity,
      unicode: supportsUnicode(process.env, process.platform),
      verbose: flags.verbose === true,
      quiet: flags.quiet === true,
    });
    if (file === null) await writeOut(process.stdout, text);
    else await writeToFile(file, text);
  }
}

async function writeToFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(
      "FILE_UNWRITABLE",
      { path, reason },
      {
        message: `The report could not be written to ${path}: ${reason}`,
        hint: "Does the folder exist, and may you write there?",
      },
      { cause: error },
    );
  }
}
