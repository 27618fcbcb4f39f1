/** @module Loads a backfill in TypeScript or JavaScript. Its functions run inside its program: see `run-program.ts`. */
import { pathToFileURL } from "node:url";
import { invalid, type RowBackfill } from "../backfills/backfill.ts";
import { backfillFrom } from "../backfills/define.ts";
import type { BackfillFile } from "../backfills/parse-sql.ts";
import { textOfThrown } from "../backfills/thrown.ts";
import { isCommonJs } from "../files/package.ts";
import { shellWord } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { programOf, runInside, runWithLimit } from "./run-program.ts";

/** `seconds` limits the loading, and later its `prepare`. @throws OpsError BACKFILL_INVALID */
export async function loadProgram(
  path: string,
  source: BackfillFile,
  seconds: number,
): Promise<RowBackfill> {
  const program = programOf(path, source);
  const url = pathToFileURL(path);
  // node caches a module until the process ends, so a file that was edited meanwhile needs another URL.
  if (program.checksum !== source.checksum) url.search = source.checksum;
  const exported = await runWithLimit(program, "loading it", seconds, async () =>
    defaultExport(path, url.href, source.file),
  );
  const backfill = runInside(program, () => backfillFrom(exported, source));
  const { prepare, decide } = backfill;
  return {
    ...backfill,
    prepare:
      prepare === null
        ? null
        : async (d1) => runWithLimit(program, "`prepare`", seconds, async () => prepare(d1)),
    decide: (row, prepared) => runInside(program, () => decide(row, prepared)),
  };
}

const NO_D1OPS =
  "Install it in the project (`npm install --save-dev d1ops`), or write `export default { … }` without defineBackfill.";

function renameHint(file: string): string {
  const renamed = file.replace(/\.([jt]s)$/, ".m$1");
  return `package.json has "type": "commonjs", so node loads the file as CommonJS. Rename it. The backfill keeps its name:
mv ${shellWord(file)} ${shellWord(renamed)}`;
}

function defaultOf(module: unknown): unknown {
  return typeof module === "object" && module !== null && "default" in module
    ? module.default
    : undefined;
}

function isCompiled(exported: unknown): boolean {
  return typeof exported === "object" && exported !== null && "__esModule" in exported;
}

async function defaultExport(path: string, url: string, file: string): Promise<unknown> {
  try {
    const module: unknown = await import(url);
    const exported = defaultOf(module) ?? null;
    // Compilers write `export default` as a property of CommonJS's `exports`, which node returns as the module's default.
    return isCompiled(exported) ? defaultOf(exported) : exported;
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const problem = `it cannot be loaded: ${textOfThrown(error)}`;
    if (error instanceof SyntaxError && /\.[jt]s$/.test(file) && isCommonJs(path)) {
      throw invalid(file, null, problem, renameHint(file));
    }
    if (problem.includes("Cannot find package 'd1ops'"))
      throw invalid(file, null, problem, NO_D1OPS);
    throw invalid(file, null, problem);
  }
}
