/**
 * Commands of ours in hints, help and `next`. Every room writes one as `command("migrate apply")`, which reads `d1ops migrate apply`.
 * `project/command-line.ts` completes it where the verb ends: how d1ops was started, and the flags that reach the same database.
 *
 * In a text a command is in backticks, or on a line of its own, which can be pasted whole: what it is for is on the line before ({@link offer}).
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

/**
 * The command that was typed, with these flags: for a room that does not know what was typed. `complete` of
 * `project/command-line.ts` puts it in.
 */
export function typedAgain(...words: readonly string[]): string {
  return [TYPED, ...words.map(shellWord)].join(" ");
}

/**
 * What for, and the command on the next line. Nothing is written behind a command: not every shell takes `# …` there (zsh does not
 * unless it is told to).
 */
export function offer(purpose: string, line: string): string {
  return `${purpose}:\n${line}`;
}

/** As a POSIX shell reads it back. */
export function shellWord(value: string): string {
  if (value === "") return '""';
  if (/^[\w./@:=+,-]+$/.test(value)) return value;
  // A shell reads both the same; this one is easier for a person, and cmd.exe reads it, too.
  return value.includes("'") && !/["$`\\!\n\r]/.test(value)
    ? `"${value}"`
    : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** As a command that takes no flag there reads it back: `rm ./-x`. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}

/** `--env staging`, as two words. A value that looks like a flag is joined to its own. */
export function valueFlag(name: string, value: string): string[] {
  return value.startsWith("-") ? [`${name}=${value}`] : [name, value];
}

const WORD = String.raw`(?:[^\s'"\\${"`"}]|'[^']*'|"[^"]*"|\\.)+`;
const COMMAND = new RegExp(
  String.raw`(?<![^\s${"`"}]|npx |exec |dlx |yarn |bunx )d1ops (${[...verbs].sort((a, b) => b.length - a.length).join("|")})((?: ${WORD})*)`,
  "g",
);

const TYPED = "d1ops …";

/** Replaces the beginning of each command that {@link typedAgain} has made. */
export function replaceTyped(text: string, typed: () => string): string {
  return text.replaceAll(TYPED, typed);
}

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
