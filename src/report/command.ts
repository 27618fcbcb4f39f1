/**
 * Commands of ours in hints, help and `next`. Every room writes one as `command("migrate apply")`, which reads `d1ops migrate apply`.
 * `commands/command-line.ts` completes it where the verb ends: how d1ops was started, and the flags that reach the same database.
 *
 * In a text a command is on a line of its own (three spaces before an explanation), after a colon, or in backticks.
 * @module
 */

export const verbs = [
  "status",
  "doctor",
  "migrate new",
  "migrate status",
  "migrate plan",
  "migrate apply",
  "migrate verify",
  "migrate lock",
  "backfill new",
  "backfill list",
  "backfill run",
  "backfill status",
  "backfill cancel",
  "onboard init",
  "onboard start",
  "onboard business",
  "onboard agents",
  "onboard assistant",
  "onboard knowledge",
  "onboard complete",
  "onboard status",
  "onboard run",
] as const;

export type Verb = (typeof verbs)[number];

/** `words`: names of files and backfills first, then flags and their values; what is still to be filled in is in capitals. */
export function command(verb: Verb, ...words: readonly string[]): string {
  return ["d1ops", verb, ...words.map(shellWord)].join(" ");
}

/** As a POSIX shell reads it back. */
export function shellWord(value: string): string {
  if (value === "") return '""';
  return /^[\w./@:=+,-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** As a command that takes no flag there reads it back: `rm ./-x`. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}

/** `--env staging`. A value that looks like a flag is joined to its own. */
export function shellFlag(name: string, value: string): string {
  return valueFlag(name, value).map(shellWord).join(" ");
}

export function valueFlag(name: string, value: string): string[] {
  return value.startsWith("-") ? [`${name}=${value}`] : [name, value];
}

const WORD = String.raw`(?:[^\s'"\\${"`"}]|'[^']*'|"[^"]*"|\\.)+`;
const COMMAND = new RegExp(
  String.raw`(?<![^\s${"`"}]|npx |exec |dlx |yarn |bunx )d1ops (${[...verbs].sort((a, b) => b.length - a.length).join("|")})((?: ${WORD})*)`,
  "g",
);

/** Replaces each command that {@link command} has made; `words` are quoted already. */
export function replaceCommands(
  text: string,
  replace: (verb: Verb, words: readonly string[]) => string,
): string {
  return text.replace(COMMAND, (_, name: string, rest: string) => {
    const verb = verbs.find((one) => one === name);
    if (verb === undefined) throw new Error(`no verb ${name}`);
    return replace(verb, rest.match(new RegExp(WORD, "g")) ?? []);
  });
}
