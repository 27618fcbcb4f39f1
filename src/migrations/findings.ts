/**
 * Says in a report's words what speaks against a plan, and what went wrong in a run. Pure.
 * @module
 */
import { command, offer, shellWord } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import { culprit, culpritAt } from "../sql/culprit.ts";
import { excerpt, positionAt } from "../sql/position.ts";
import { adviceFor } from "./advice.ts";
import type { Failure } from "./apply.ts";
import type { Misspelt } from "./directives.ts";
import type { Oversize } from "./limits.ts";
import type { Migration } from "./migration.ts";
import type { Problem } from "./plan.ts";
import type { Standing } from "./standing.ts";
import type { Unrunnable } from "./unrunnable.ts";
import { grouped } from "../report/grouped.ts";

/** One finding a problem; allowed ones are warnings. `accepts`: the run records that it is accepted. */
export function problemFinding(problem: Problem, allowed: boolean, accepts = false): Finding {
  return {
    rule: problem.kind,
    level: allowed ? "warning" : "error",
    ...wording(problem),
    ...(accepts && {
      help: "`migrate apply` records that this was accepted, and later runs go on.",
    }),
  };
}

/** Applied files that cannot be read as text. They have run; whether they were changed, the checksum says. */
export function unreadableFindings(
  folder: readonly Migration[],
  { applied }: Pick<Standing, "applied">,
): Finding[] {
  const names = new Set(applied.map(({ name }) => name));
  return folder.flatMap(({ name, file, unreadable }) => {
    if (unreadable === undefined || !names.has(name)) return [];
    const { code, message, hint } = unreadable;
    return [
      { rule: code, level: "warning", file, message: `${name} is applied. ${message}`, help: hint },
    ];
  });
}

/** What was accepted stops nobody, and is not hidden. */
export function acceptedFindings({ accepted }: Pick<Standing, "accepted">): Finding[] {
  return accepted.map(({ name, migration, accepted: { at, by } }) => ({
    rule: "accepted",
    level: "info",
    message: `${name} ${migration === null ? "has no file any more" : "was edited after it was applied"}. ${by ?? "Somebody"} accepted that at ${at}.`,
    ...(migration !== null && { file: migration.file }),
    data: { name, at, by },
  }));
}

/** What is applied has run without what such a line asks for, and nothing can be stopped any more: it is told, and is no problem. */
export function pastDirectives(folder: readonly Migration[], { applied }: Standing): Finding[] {
  const names = new Set(applied.map(({ name }) => name));
  return folder
    .filter(({ name, unreadable }) => names.has(name) && unreadable === undefined)
    .flatMap((migration) =>
      migration.misspelt.map((misspelt) => ({
        rule: "directive",
        level: "warning" as const,
        ...misspeltDirective(migration, misspelt),
        message: `${migration.name} was applied with a line that says nothing to d1ops: ${misspelt.text}`,
      })),
    );
}

type Wording = Pick<Finding, "message" | "help" | "file" | "line" | "data">;

function wording(problem: Problem): Wording {
  switch (problem.kind) {
    case "changed":
      return {
        file: problem.migration.file,
        message: `${problem.migration.name} was edited after it was applied.`,
        help: [
          offer("To restore the file", `git checkout -- ${shellWord(problem.migration.file)}`),
          offer("Then put the change in a new migration", command("migrate new", "NAME")),
          offer(
            "Or, to keep the change without running it",
            command("migrate apply", "--allow-changed"),
          ),
        ].join("\n"),
        data: { recorded: problem.recorded, found: problem.migration.checksum },
      };
    case "renamed":
      return {
        file: problem.migration.file,
        message: `${problem.migration.name} has the text of ${problem.from}, which is applied and has no file any more. It looks renamed, and would run twice.`,
        help: `Give it its old name back: ${problem.from}\n${offer("To run it again under the new one", command("migrate apply", "--allow-renamed"))}`,
        data: { from: problem.from },
      };
    case "missing":
      return {
        message: `${problem.name} is applied and has no file.`,
        help: `Get the file back (from git, or from the branch that applied it).\n${offer("To go on without it", command("migrate apply", "--allow-missing"))}`,
        data: { name: problem.name },
      };
    case "out-of-order":
      return {
        file: problem.migration.file,
        message: `${problem.migration.name} would run after ${problem.after}, which is applied already. On a new database it would run before it.`,
        help: `Give it a number after the last one, if it may run later.\n${offer("To run it late", command("migrate apply", "--allow-out-of-order"))}`,
        data: { after: problem.after },
      };
    case "too-large":
      return tooLarge(problem);
    case "requires":
      return {
        file: problem.migration.file,
        message: `${problem.migration.name} requires the backfill ${problem.unready.backfill}, and ${problem.unready.reason}.`,
        help: [
          offer(
            "It destroys what the backfill reads. First",
            command("backfill run", problem.unready.backfill),
          ),
          offer("To stop before it", command("migrate apply", "--to", "NAME")),
        ].join("\n"),
        data: { backfill: problem.unready.backfill },
      };
    case "directive":
      return misspeltDirective(problem.migration, problem.misspelt);
    case "transaction":
    case "unseen":
      return unrunnable(problem);
  }
}

function misspeltDirective({ name, file }: Migration, { line, text }: Misspelt): Wording {
  return {
    file,
    line,
    message: `${name} has a line that is meant for d1ops, and says nothing to it: ${text}`,
    help: "There is one: `-- d1ops:requires backfill NAME`, in small letters, at the beginning of a line and alone on it, a line for each backfill. Comments do not count for the checksum, so you can correct the line at any time.",
    data: { text },
  };
}

function unrunnable(problem: Unrunnable): Wording {
  const { name, file } = problem.migration;
  const { line } = problem;
  if (problem.kind === "unseen") {
    const { column, character } = problem;
    return {
      file,
      line,
      message: `${name}: line ${line} has a ${character} in column ${column}. SQLite does not skip it: it takes it for a letter of a name.`,
      help: "Write an ordinary space there, or delete it. If it belongs to the name, put the name in double quotes.",
      data: { column, character },
    };
  }
  const { word } = problem;
  return {
    file,
    line,
    message: `${name}: line ${line} has ${word}, and D1 refuses it: d1ops runs each file as one transaction.`,
    help: HELP_WITH_TRANSACTION[word] ?? ONE_TRANSACTION,
    data: { word },
  };
}

const ONE_TRANSACTION = "Remove BEGIN and COMMIT: each file is already one transaction.";

const HELP_WITH_TRANSACTION: Readonly<Record<string, string>> = {
  ROLLBACK:
    "Remove ROLLBACK and the statements that it undoes. A file that fails leaves nothing: each file is already one transaction.",
  SAVEPOINT: "Remove SAVEPOINT and RELEASE: each file is already one transaction.",
  RELEASE: "Remove SAVEPOINT and RELEASE: each file is already one transaction.",
};

function tooLarge({ migration, statement, bytes, limit }: Oversize): Wording {
  const { name, file, statements } = migration;
  const size = `${grouped(bytes)} bytes, and D1 takes ${grouped(limit)}`;
  if (statement === null) {
    return {
      file,
      message: `${name} has ${size} in one request; a migration is one request.`,
      help: `Cut it into several migrations; or load its rows with \`npx wrangler d1 execute NAME --remote --file FILE\`, which is no transaction.`,
      data: { bytes, limit },
    };
  }
  return {
    file,
    line: statements[statement]?.line ?? 1,
    message: `Statement ${statement + 1} of ${name} has ${size} for one statement.`,
    help: "Cut it into several: an INSERT of many rows into INSERTs of fewer. A single long value is built in pieces: UPDATE t SET x = x || '…'.",
    data: { statement: statement + 1, bytes, limit },
  };
}

/** Where the failed statement stands, with a caret under what SQLite complains of. */
export function failureFinding(migration: Migration, failure: Failure): Finding {
  switch (failure.kind) {
    case "error":
      return {
        rule: failure.error.code,
        level: "error",
        file: migration.file,
        message: failure.error.message.startsWith(migration.name)
          ? failure.error.message
          : `${migration.name}: ${failure.error.message}`,
        help: failure.error.hint,
      };
    case "record":
      return {
        rule: "record-failed",
        level: "error",
        file: migration.file,
        message: `${migration.name} ran, but could not be recorded, so it was taken back: ${failure.message}`,
        help: "Does it drop or change the ledger tables (d1_migrations, d1ops_migrations)? Leave them alone.",
      };
    case "statement":
      return statementFinding(migration, failure);
  }
}

function statementFinding(
  migration: Migration,
  { message, index, place = null, offending = null }: Extract<Failure, { kind: "statement" }>,
): Finding {
  const statement = index === null ? undefined : migration.statements[index];
  const base = {
    rule: "statement-failed",
    level: "error" as const,
    file: migration.file,
    help: adviceFor(
      (statement === undefined ? migration.statements : [statement]).map(({ text }) => text),
      message,
      offending,
    ),
  };
  if (statement === undefined || index === null) {
    return { ...base, message: `${migration.name} failed: ${message}` };
  }
  const spot =
    (place === null ? null : culpritAt(statement.text, message, place)) ??
    culprit(statement.text, message);
  const offset = statement.start + (spot?.start ?? 0);
  const { line, column } = positionAt(migration.text, offset);
  return {
    ...base,
    message: `Statement ${index + 1} of ${migration.statements.length} in ${migration.name} failed: ${message}`,
    line,
    excerpt: excerpt(migration.text, offset, spot?.length ?? null),
    data: {
      statement: index + 1,
      statements: migration.statements.length,
      column,
      sql: statement.text,
      ...(offending !== null && { rows: offending.rows, keys: offending.keys }),
    },
  };
}
