/**
 * Every verb runs in here: the commands that its report or its error suggests are completed with what was typed.
 * @module
 */
import { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import type { Verb } from "../report/command.ts";
import { complete, type TypedCommand } from "./command-line.ts";
import type { ProjectOptions } from "./options.ts";
import { resolvedEnvironment } from "./open.ts";

/** @throws OpsError of the verb, its hint completed */
export async function runVerb<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  run: (options: O) => Promise<Report>,
): Promise<Report> {
  return completing(verb, options, async () => {
    const report = await run(options);
    if (!suggests(report)) return report;
    return completeReport(report, await typedCommand(verb, options));
  });
}

/** The same for what answers no report. */
export async function completing<T>(
  verb: Verb,
  options: ProjectOptions,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const hint = complete(error.hint, await typedCommand(verb, options));
    if (hint === error.hint) throw error;
    const { code, details, message } = error;
    throw new OpsError(code, details, { message, hint }, { cause: error });
  }
}

/** The environment is known only when the config was read: it may come from a variable, or be the top level beside others. */
async function typedCommand(verb: Verb, options: ProjectOptions): Promise<TypedCommand> {
  const env = await resolvedEnvironment(options);
  return { verb, options: { ...options, ...(env !== undefined && { env }) } };
}

function suggests({ next, findings }: Report): boolean {
  return next.length > 0 || findings.some(({ help }) => help !== undefined);
}

function completeReport(report: Report, typed: TypedCommand): Report {
  return {
    ...report,
    next: report.next.map((text) => complete(text, typed)),
    findings: report.findings.map((finding) =>
      finding.help === undefined ? finding : { ...finding, help: complete(finding.help, typed) },
    ),
  };
}
