/** @module Runs one case and collects its figures. */
import type { Case, Measured } from "./cases.ts";
import { runInTurns, run } from "./measure.ts";

/** Before the first case of a command counts, every contestant runs once, which fills the caches for files and compiled code. */
export async function compare(
  { command, migrations, entries }: Case,
  warmUp: boolean,
  say: (text: string) => void,
): Promise<Measured> {
  say(
    migrations === null
      ? command
      : `${command}, ${migrations} ${migrations === 1 ? "migration" : "migrations"}`,
  );
  for (const { runs, prepare } of entries) if (warmUp && runs > 0) await run(await prepare());
  return { command, migrations, results: await runInTurns(entries, (text) => say(`  ${text}`)) };
}
