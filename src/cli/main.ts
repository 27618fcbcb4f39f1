/**
 * Where the launcher enters. The version is asked for by scripts and shells, often, and needs none of the rest.
 * @module
 */
import { packageVersion } from "../version.ts";

export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && argv[0] === "--version") {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  const { parse } = await import("./parse.ts");
  await parse(argv);
}
