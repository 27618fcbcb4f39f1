/**
 * One case from its beginning to its figures.
 * @module
 */
import type { Case, Measured } from "./cases.ts";
import { race, run } from "./measure.ts";

/** The first case of a command is run once by everybody before it counts: files and compiled code are cached then. */
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
  return { command, migrations, results: await race(entries, (text) => say(`  ${text}`)) };
}
