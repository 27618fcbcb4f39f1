/** @module The options of `onboard run`, and the file that they name. */
import { basename, extname, resolve } from "node:path";
import { pathInside } from "../../files/path-inside.ts";
import { type Line, linesOf } from "../../onboarding/file/lines.ts";
import type { InputFormat } from "../../onboarding/file/read-tenants.ts";
import { optionsOf } from "../../options/check-options.ts";
import * as kinds from "../../options/kinds.ts";
import type { OnProgress } from "../../report/progress.ts";
import { ONBOARD, type OnboardOptions, usage } from "./options.ts";

export interface OnboardRunOptions extends OnboardOptions {
  /** Path, relative to `cwd`. `-` reads `input`. */
  readonly file: string;
  /** The content of the file `-`. Default: the standard input. */
  readonly input?: AsyncIterable<Uint8Array | string>;
  /** Default: by the ending of the file. */
  readonly inputFormat?: InputFormat;
  /** Stops after more failed tenants than this. Default: never. */
  readonly maxFailures?: number;
  /** Tenants in flight at once. Default: 6 for a remote database, 1 for a local one. */
  readonly atOnce?: number;
  /** Called at most every 50 ms. */
  readonly onProgress?: OnProgress;
}

export const readRunOptions: (given: OnboardRunOptions) => OnboardRunOptions =
  optionsOf<OnboardRunOptions>("onboardRun", {
    ...ONBOARD,
    file: kinds.path,
    input: kinds.optional(
      kinds.objectWith<AsyncIterable<Uint8Array | string>>("an async iterable", [
        Symbol.asyncIterator,
      ]),
    ),
    inputFormat: kinds.optional(kinds.oneOf(["jsonl", "csv"])),
    maxFailures: kinds.optional(kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    atOnce: kinds.optional(kinds.wholeNumber(1, 100)),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  });

export interface Input {
  /** As a report names it: relative to the project, if it is a file inside. */
  readonly name: string;
  readonly lines: AsyncIterable<Line>;
}

export function inputOf(
  { file, input }: OnboardRunOptions,
  cwd: string,
  projectPath: string,
): Input {
  if (file === "-") return { name: "stdin", lines: linesOf("stdin", input ?? process.stdin) };
  const path = resolve(cwd, file);
  return { name: pathInside(projectPath, path) ?? file, lines: linesOf(path) };
}

const FORMATS: Readonly<Record<string, InputFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".csv": "csv",
};

/** @throws OpsError USAGE */
export function formatOf({ file, inputFormat }: OnboardRunOptions): InputFormat {
  const format = inputFormat ?? FORMATS[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  const name = file === "-" ? "the standard input" : basename(file);
  const what = `d1ops cannot tell the format of ${name} from its name`;
  throw usage("--input-format", what, "--input-format jsonl, or csv");
}
