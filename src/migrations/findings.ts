/** @module Findings about the files and the ledger: problems of a plan, acceptances, unreadable files. Pure. */
import { command, gitRemark, offer } from "../report/command.ts";
import { errorFinding } from "../report/report-body.ts";
import type { Finding } from "../report/report.ts";
import { isMisplaced, type Misspelt } from "./directives.ts";
import { isBackfill, matchedBackfill } from "./matched-backfill.ts";
import type { Migration } from "./migration.ts";
import type { Problem } from "./plan.ts";
import { titleOf } from "./scaffold.ts";
import type { Oversize } from "./unrunnable.ts";
import type { Comparison } from "./comparison.ts";
import { grouped } from "../report/wording.ts";

export function problemFinding(problem: Problem, level: "error" | "warning"): Finding {
  return {
    rule: problem.kind,
    level,
    ...(problem.kind !== "missing" && { file: problem.migration.file }),
    ...wording(problem),
  };
}

/** Of an allowed problem whose acceptance `migrate apply` records. */
export function acceptanceFinding(problem: Problem): Finding {
  const help = "Once `migrate apply` has recorded the acceptance, later runs do not stop at it.";
  return { ...problemFinding(problem, "warning"), help };
}

/** All findings about a database whose migrations are not run. */
export function statusFindings(
  folder: readonly Migration[],
  comparison: Comparison,
  problems: readonly Problem[],
): Finding[] {
  return [
    ...problems.map((problem) => problemFinding(problem, "error")),
    ...acceptedFindings(comparison),
    ...unreadableFindings(folder, comparison),
    ...pastDirectives(folder, comparison),
  ];
}

/** Of a migration that this run has applied out of order. */
export function ranOutOfOrder({
  migration: { name, file },
  after,
}: Extract<Problem, { kind: "out-of-order" }>): Finding {
  return {
    rule: "out-of-order",
    level: "warning",
    file,
    message: `${name} ran after ${after}, which was already applied. On a new database it runs before it.`,
    data: { after },
  };
}

/** Applied files that are not valid text. They have run already; their checksum shows whether they were edited. */
export function unreadableFindings(
  folder: readonly Migration[],
  { applied }: Pick<Comparison, "applied">,
): Finding[] {
  const names = new Set(applied.map(({ name }) => name));
  return folder.flatMap(({ name, file, unreadable }) => {
    if (unreadable === undefined || !names.has(name)) return [];
    const message = `${name} is applied. ${unreadable.message}`;
    return [errorFinding(unreadable, "warning", { file, message })];
  });
}

/** Accepted differences. They stop no run, but every report shows them. */
export function acceptedFindings({ accepted }: Pick<Comparison, "accepted">): Finding[] {
  return accepted.map(({ name, migration, accepted: { at, by } }) => ({
    rule: "accepted",
    level: "info",
    message: `${name} ${migration === null ? "has no file any more" : "was edited after it was applied"}. ${by ?? "An unknown user"} accepted that at ${at}.`,
    ...(migration !== null && { file: migration.file }),
    data: { name, at, by },
  }));
}

/** Misspelt directives of applied migrations. They have run without the requirement, so this is a warning and no problem. */
function pastDirectives(folder: readonly Migration[], { applied }: Comparison): Finding[] {
  const names = new Set(applied.map(({ name }) => name));
  return folder
    .filter(({ name, unreadable }) => names.has(name) && unreadable === undefined)
    .flatMap((migration): Finding[] => {
      const { name, file, misspelt } = migration;
      if (isBackfill(migration)) {
        return [{ rule: "backfill", level: "warning", file, ...matchedBackfill(migration, true) }];
      }
      return misspelt.map((one) => ({
        rule: "directive",
        level: "warning",
        file,
        ...misspeltDirective(migration, one),
        message: `${name} was applied with ${faultOf(one)}, so d1ops ignored it: ${one.text}`,
      }));
    });
}

type Wording = Pick<Finding, "message" | "help" | "line" | "data">;

function wording(problem: Problem): Wording {
  const { name } = problem.kind === "missing" ? problem : problem.migration;
  switch (problem.kind) {
    case "missing":
      return {
        message: `${name} is applied and has no file.`,
        help: `Restore the file from version control, or from the branch that applied it.\n${offer("To continue without it", command("migrate apply", "--allow-missing"))}`,
        data: { name },
      };
    case "changed":
      return {
        message: `${name} was edited after it was applied.`,
        help: [
          `Restore the file from version control${gitRemark("checkout", "--", problem.migration.file)}.`,
          offer(
            "Then put the change into a new migration",
            command("migrate new", `change_${titleOf(name)}`),
          ),
          offer(
            "Or, to keep the change without running it",
            command("migrate apply", "--allow-changed"),
          ),
        ].join("\n"),
        data: { recorded: problem.recorded, found: problem.migration.checksum },
      };
    case "renamed": {
      const { from } = problem;
      return {
        message: `${name} has the text of ${from}, which is applied and has no file any more. It looks renamed and would run twice.`,
        help: changesSchema(problem.migration)
          ? `Rename it back to ${from}. It changes the schema, so it cannot run again.`
          : `Rename it back to ${from}.\n${offer("To run it again under the new name", command("migrate apply", "--allow-renamed"))}`,
        data: { from },
      };
    }
    case "out-of-order": {
      const { after } = problem;
      return {
        message: `${name} would run after ${after}, which is already applied. On a new database it would run before it.`,
        help: `If it may run later, give it a number after the last one.\n${offer("To run it late", command("migrate apply", "--allow-out-of-order"))}`,
        data: { after },
      };
    }
    case "requires": {
      const { backfill, reason, help } = problem.notReady;
      const to = problem.before;
      return {
        message: `${name} requires the backfill ${backfill}, and ${reason}.`,
        help: [
          help,
          ...(to === null
            ? []
            : [offer("To stop before it", command("migrate apply", "--to", to))]),
        ].join("\n"),
        data: { backfill },
      };
    }
    case "too-large":
      return tooLarge(problem);
    case "backfill":
      return matchedBackfill(problem.migration, false);
    case "directive":
      return misspeltDirective(problem.migration, problem.misspelt);
    case "unseen": {
      const { line, column, character } = problem;
      return {
        line,
        message: `${name}: line ${line} has a ${character} in column ${column}. SQLite reads it as part of a name, not as white space.`,
        help: "Replace it with an ordinary space, or delete it. If it belongs to the name, put the name in double quotes.",
        data: { column, character },
      };
    }
    case "transaction": {
      const { line, word } = problem;
      return {
        line,
        message: `${name}: line ${line} has ${word}, which D1 rejects: each file is already one transaction.`,
        help: HELP_WITH_TRANSACTION[word] ?? "Remove BEGIN and COMMIT.",
        data: { word },
      };
    }
  }
}

/** SQLite rejects these statements a second time, unless the file drops first what it creates. */
function changesSchema({ statements }: Migration): boolean {
  const texts = statements.map(({ text }) => text);
  return texts.some((text) => ONLY_ONCE.test(text)) && !texts.some((text) => /^DROP\s/i.test(text));
}

const ONLY_ONCE =
  /^(?:CREATE\s+(?:UNIQUE\s+|VIRTUAL\s+)?(?:TABLE|INDEX|VIEW|TRIGGER)\s+(?!IF\b)|ALTER\s+TABLE\b)/i;

function misspeltDirective({ name }: Migration, misspelt: Misspelt): Wording {
  const { line, text } = misspelt;
  return {
    line,
    message: `${name} has ${faultOf(misspelt)}: ${text}`,
    help: "The only directive is `-- d1ops:requires backfill NAME`: in lower case, on a line of its own, starting at its first character, one line per backfill. You can correct it at any time, because comments do not change the checksum.",
    data: { text },
  };
}

function faultOf(misspelt: Misspelt): string {
  return isMisplaced(misspelt)
    ? "a directive that does not start at the first character of its line"
    : "a misspelt directive";
}

const SAVEPOINTS = "Remove SAVEPOINT and RELEASE.";

const HELP_WITH_TRANSACTION: Readonly<Record<string, string>> = {
  ROLLBACK:
    "Remove ROLLBACK and the statements that it undoes. D1 rolls back the whole file if it fails.",
  SAVEPOINT: SAVEPOINTS,
  RELEASE: SAVEPOINTS,
};

function tooLarge({ migration, statement, bytes, limit }: Oversize): Wording {
  const { name, statements } = migration;
  const size = `${grouped(bytes)} bytes, and D1 accepts ${grouped(limit)}`;
  if (statement === null) {
    return {
      message: `${name} has ${size} per request; a migration is one request.`,
      help: `Split it into several migrations. Or load its rows with \`npx wrangler d1 execute NAME --remote --file FILE\`, which is not a transaction.`,
      data: { bytes, limit },
    };
  }
  return {
    line: statements[statement]?.line ?? 1,
    message: `Statement ${statement + 1} of ${name} has ${size} per statement.`,
    help: "Split it: an INSERT of many rows into several INSERTs. Build a single long value in pieces: UPDATE t SET x = x || '…'.",
    data: { statement: statement + 1, bytes, limit },
  };
}
