import { faultsIn, type Origin, printedTexts, textsOf } from "./check.ts";
import { OpsError } from "../../src/report/error.ts";
import type { Report } from "../../src/report/report.ts";
import { parseCommand } from "./parse.ts";

/** The faults of the current test. */
let faults: string[] = [];

/** Returns the faults since the last call. */
export function takeFaults(): string[] {
  const taken = faults;
  faults = [];
  return taken;
}

/** Runs a verb and checks the commands that its report or its error suggests. */
export async function watched(origin: Origin, run: () => Promise<Report>): Promise<Report> {
  const startedAs = origin.options.startedAs ?? "npx d1ops";
  try {
    const report = await run();
    for (const text of textsOf(report)) faults.push(...(await faultsIn(text, startedAs, origin)));
    return report;
  } catch (error) {
    if (error instanceof OpsError) {
      faults.push(...(await faultsIn(error.hint, startedAs, origin)));
    }
    throw error;
  }
}

/** Checks the commands in the output of the built program. */
export async function watchPrinted(
  startedAs: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string | undefined>>,
  outputs: readonly string[],
): Promise<void> {
  const texts = outputs.flatMap(printedTexts).filter((text) => text.includes(startedAs));
  if (texts.length === 0) return;
  const origin = originOf(args, cwd, variables);
  for (const text of texts) faults.push(...(await faultsIn(text, startedAs, origin)));
}

/** Null for a command that the program rejects, and for a help, whose examples concern no database. */
function originOf(
  args: readonly string[],
  cwd: string,
  variables: Origin["options"]["variables"] & {},
): Origin | null {
  try {
    const parsed = parseCommand(args);
    return parsed === null
      ? null
      : { verb: parsed.verb, options: { ...parsed.options, cwd, variables } };
  } catch {
    return null;
  }
}
