/**
 * The d1ops commands in hints, help and `next`. Every room writes one as `command("migrate apply")`, which reads `d1ops migrate apply`.
 * When the verb ends, `project/command-line.ts` completes it: how d1ops was started, and the flags that reach the same database.
 *
 * In a text, a command is in backticks or on a line of its own, so that it can be pasted. The line before says what it is for ({@link offer}).
 * @module
 */

/** The verbs of the core. A room with verbs of its own registers them in `verbs.ts`. */
export const coreVerbs = [
  "init",
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
  "snapshot take",
  "snapshot list",
  "snapshot show",
  "snapshot verify",
  "snapshot prune",
  "snapshot copy",
  "snapshot keys",
  "snapshot restore",
  "snapshot diff",
  "clone",
  "audit tables",
] as const;

export type CoreVerb = (typeof coreVerbs)[number];

/** `words`: names of files and backfills, then flags and their values. A placeholder that the user has to replace is in capitals. */
export type CommandOf<V extends string> = (verb: V, ...words: readonly string[]) => string;

/** Accepts any verb. Each room with verbs of its own exports it as a `command` that is typed with them. */
export const anyCommand: CommandOf<string> = (verb, ...words) =>
  ["d1ops", verb, ...words.map(shellWord)].join(" ");

export const command: CommandOf<CoreVerb> = (verb, ...words) => anyCommand(verb, ...words);

/**
 * The command that the user typed, with these flags, for a room that does not know that command. `complete` of
 * `project/command-line.ts` inserts it.
 */
export function typedCommand(...words: readonly string[]): string {
  return [TYPED, ...words.map(shellWord)].join(" ");
}

/**
 * A remark with a command of git, for the end of a sentence. Its paths are relative to the project: {@link replaceGit} adds the way to
 * the project's folder, or removes the remark.
 */
export function gitRemark(...words: readonly string[]): string {
  return ` (git: \`${[GIT, ...words.map(shellWord)].join(" ")}\`)`;
}

/**
 * The purpose, and the command on the next line. Nothing follows the command on its line: an interactive zsh does not accept `# …` there
 * by default.
 */
export function offer(purpose: string, line: string): string {
  return `${purpose}:\n${line}`;
}

export function shellWord(value: string): string {
  if (value === "") return '""';
  if (/^[\w./@:=+,-]+$/.test(value)) return value;
  // Both forms mean the same to a POSIX shell. Double quotes are easier to read, and cmd.exe accepts them.
  return value.includes("'") && !/["$`\\!\n\r]/.test(value)
    ? `"${value}"`
    : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** Quotes a path, so that a command does not take it for a flag: `rm ./-x`. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}

/** `--env staging`, as two words. A value that begins with a dash is joined to the flag: `--env=-x`. */
export function valueFlag(name: string, value: string): string[] {
  return value.startsWith("-") ? [`${name}=${value}`] : [name, value];
}

const WORD = String.raw`(?:[^\s'"\\${"`"}]|'[^']*'|"[^"]*"|\\.)+`;

const TYPED = "d1ops …";
const GIT = "git …";
const GIT_REMARK = / \(git: `git … .*?`\)/g;

/** Replaces the beginning of each command that {@link typedCommand} made. */
export function replaceTyped(text: string, typed: () => string): string {
  return text.replaceAll(TYPED, typed);
}

/**
 * Names the project's folder in each command that {@link gitRemark} made. `folder` is empty if it is the current one, and null if
 * the project is in no work tree of git.
 */
export function replaceGit(text: string, folder: string | null): string {
  if (folder === null) return text.replaceAll(GIT_REMARK, "");
  return text.replaceAll(GIT, folder === "" ? "git" : `git -C ${shellPath(folder)}`);
}

/** Replaces each command in the text. Its `words` are already quoted. */
export type ReplaceCommands<V extends string> = (
  text: string,
  replace: (verb: V, words: readonly string[]) => string,
) => string;

/** For the commands that {@link command} made with one of these verbs. */
export function commandReplacer<V extends string>(verbs: readonly V[]): ReplaceCommands<V> {
  const longestFirst = verbs.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(
    String.raw`(?<![^\s${"`"}]|npx |exec |dlx |yarn |bunx )d1ops (${longestFirst.join("|")})((?: ${WORD})*)`,
    "g",
  );
  return (text, replace) =>
    text.replace(pattern, (_, name: string, rest: string) => {
      const verb = verbs.find((one) => one === name);
      if (verb === undefined) throw new Error(`no verb ${name}`);
      return replace(verb, rest.match(new RegExp(WORD, "g")) ?? []);
    });
}
