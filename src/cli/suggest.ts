/**
 * Suggests a command for one that does not exist. Translates the commands of wrangler and of other tools.
 * @module
 */
import type { Command } from "commander";
import { shellWord } from "../report/command.ts";
import { readWords } from "./command-words.ts";

interface Translation {
  readonly typed: string;
  readonly ours: string;
}

const MIGRATE: readonly Translation[] = [
  ...["list", "ls", "show", "info"].map((typed) => ({ typed, ours: "status" })),
  ...["create", "add", "make", "generate"].map((typed) => ({ typed, ours: "new" })),
  ...["up", "run", "deploy", "push", "execute", "latest"].map((typed) => ({
    typed,
    ours: "apply",
  })),
  ...["check", "diff", "validate"].map((typed) => ({ typed, ours: "verify" })),
  ...["preview", "dry-run"].map((typed) => ({ typed, ours: "plan" })),
  ...["unlock", "release", "locks"].map((typed) => ({ typed, ours: "lock" })),
];

const BACKFILL: readonly Translation[] = [
  ...["ls", "show"].map((typed) => ({ typed, ours: "list" })),
  ...["start", "resume", "continue", "apply"].map((typed) => ({ typed, ours: "run" })),
  ...["stop", "pause", "abort"].map((typed) => ({ typed, ours: "cancel" })),
  ...["create", "add"].map((typed) => ({ typed, ours: "new" })),
];

/** {@link translate} uses the longest that fits. */
const TRANSLATIONS: readonly Translation[] = [
  ...MIGRATE.flatMap(({ typed, ours }) =>
    ["migrate", "migrations", "d1 migrations"].map((group) => ({
      typed: `${group} ${typed}`,
      ours: `migrate ${ours}`,
    })),
  ),
  ...["status", "plan", "apply", "verify", "lock", "new"].flatMap((verb) =>
    ["migrations", "d1 migrations", "d1 migrate"].map((group) => ({
      typed: `${group} ${verb}`,
      ours: `migrate ${verb}`,
    })),
  ),
  ...["migrations", "migration", "d1 migrations", "schema"].map((typed) => ({
    typed,
    ours: "migrate",
  })),
  ...MIGRATE.map(({ typed, ours }) => ({ typed, ours: `migrate ${ours}` })),
  ...["plan", "apply", "verify", "lock", "new"].map((typed) => ({
    typed,
    ours: `migrate ${typed}`,
  })),
  ...BACKFILL.map(({ typed, ours }) => ({ typed: `backfill ${typed}`, ours: `backfill ${ours}` })),
  ...["list", "ls", "info"].map((typed) => ({ typed, ours: "status" })),
  { typed: "onboard import", ours: "onboard run" },
  { typed: "check", ours: "doctor" },
];

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

function translate(words: readonly string[]): Translation | null {
  for (let size = words.length; size > 0; size -= 1) {
    const typed = words.slice(0, size).join(" ");
    const found = TRANSLATIONS.find((one) => one.typed === typed);
    if (found !== undefined) return found;
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
