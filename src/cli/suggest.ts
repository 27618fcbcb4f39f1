/** @module Suggests a command for one that does not exist. Translates the commands of wrangler and of other tools. */
import type { Command } from "commander";
import { shellWord } from "../report/command.ts";
import { readWords } from "./command-words.ts";

/** What other tools call a verb of `migrate`. */
const MIGRATE = {
  status: ["list", "ls", "show", "info"],
  new: ["create", "add", "make", "generate"],
  apply: ["up", "run", "deploy", "push", "execute", "latest"],
  verify: ["check", "diff", "validate"],
  plan: ["preview", "dry-run"],
  lock: ["unlock", "release", "locks"],
};

const BACKFILL = {
  list: ["ls", "show"],
  run: ["start", "resume", "continue", "apply"],
  cancel: ["stop", "pause", "abort"],
  new: ["create", "add"],
};

const SNAPSHOT = {
  take: ["create", "new", "backup", "save"],
  list: ["ls", "snapshots"],
  show: ["info", "inspect"],
  verify: ["check", "validate"],
  diff: ["compare", "changes"],
  restore: ["rollback", "revert", "recover"],
  copy: ["cp"],
};

/** Commands by what was typed. {@link translate} uses the longest that fits. */
const TRANSLATIONS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(MIGRATE).flatMap(([verb, words]) => [
    ...typings(["", "migrate", "migrations", "d1 migrations"], words, `migrate ${verb}`),
    ...typings(["", "migrations", "d1 migrations", "d1 migrate"], [verb], `migrate ${verb}`),
  ]),
  ...typings([""], ["migrations", "migration", "d1 migrations", "schema"], "migrate"),
  ...Object.entries(BACKFILL).flatMap(([verb, words]) =>
    typings(["backfill"], words, `backfill ${verb}`),
  ),
  ...Object.entries(SNAPSHOT).flatMap(([verb, words]) =>
    typings(["snapshot", "snapshots", "backup"], [...words, verb], `snapshot ${verb}`),
  ),
  ...typings(["", "snapshots", "backup"], ["restore"], "snapshot restore"),
  ...typings([""], ["snapshots", "backup", "backups"], "snapshot"),
  ...typings(["onboard"], ["import"], "onboard run"),
]);

function typings(
  groups: readonly string[],
  words: readonly string[],
  ours: string,
): [typed: string, ours: string][] {
  return groups.flatMap((group) =>
    words.map((word): [string, string] => [`${group} ${word}`.trim(), ours]),
  );
}

/** The command line with the suggested command, ready to paste. Null if no command is similar. */
export function suggestion(
  program: Command,
  argv: readonly string[],
  nearest: string | null,
): string | null {
  const { path, flags, help, rest } = readWords(program, argv);
  const words = [...path, ...operandsOf(rest)];
  const found = translate(words);
  const suggested = found?.ours ?? (nearest === null ? null : [...path, nearest].join(" "));
  if (suggested === null || !exists(program, suggested)) return null;
  const used = found === null ? path.length + 1 : found.typed.split(" ").length;
  const after = rest.slice(used - path.length);
  const isMigrations = found?.typed.startsWith("d1 migrations ") === true;
  const database = isMigrations || takesNoArguments(program, suggested) ? after[0] : undefined;
  const named = database !== undefined && !database.startsWith("-") ? ["--db", database] : [];
  const more = named.length > 0 ? [...after.slice(1), ...named] : after;
  return [
    program.name(),
    ...(help ? ["help"] : []),
    suggested,
    ...[...flags, ...more].map(shellWord),
  ].join(" ");
}

/** True for `d1 execute` and the like, which only wrangler has. */
export function isWranglerCommand(program: Command, argv: readonly string[]): boolean {
  const { path, rest } = readWords(program, argv);
  return path.length === 0 && rest[0] === "d1";
}

function translate(words: readonly string[]): { typed: string; ours: string } | null {
  for (let size = words.length; size > 0; size -= 1) {
    const typed = words.slice(0, size).join(" ");
    const ours = TRANSLATIONS.get(typed);
    if (ours !== undefined) return { typed, ours };
  }
  return null;
}

/** The words up to the first flag. */
function operandsOf(rest: readonly string[]): readonly string[] {
  const flag = rest.findIndex((word) => word.startsWith("-"));
  return flag < 0 ? rest : rest.slice(0, flag);
}

/** Without arguments, a word after the command names the database, as in wrangler. */
function takesNoArguments(program: Command, words: string): boolean {
  const { command } = readWords(program, words.split(" "));
  return command.commands.length === 0 && command.registeredArguments.length === 0;
}

function exists(program: Command, words: string): boolean {
  const { path } = readWords(program, words.split(" "));
  return path.length === words.split(" ").length;
}
