/** @module The wrangler commands that d1ops suggests, with the flags for the same database. */
import { shellWord } from "../report/command.ts";
import type { Target } from "../report/report.ts";
import type { ProjectOptions } from "./project-options.ts";

/** `words` follow `wrangler d1`. The flags name the resolved environment, so that the command does not depend on `CLOUDFLARE_ENV`. */
export function wranglerCommand(
  words: readonly string[],
  target: Pick<Target, "env">,
  { env, config }: ProjectOptions,
): string {
  const environment = target.env ?? env;
  return ["d1", ...words]
    .concat(environment === undefined ? [] : ["--env", environment])
    .concat(config === undefined ? [] : ["-c", config])
    .reduce((line, word) => `${line} ${shellWord(word)}`, "npx wrangler");
}

/** A command that runs a query, which must not write. */
export function queryCommand(sql: string, target: Target, options: ProjectOptions): string {
  const { place, database } = target;
  const state = place === "remote" ? undefined : options.persistTo;
  const persist = state === undefined ? [] : ["--persist-to", state];
  return wranglerCommand(
    ["execute", database, `--${place}`, ...persist, "--command", sql],
    target,
    options,
  );
}
