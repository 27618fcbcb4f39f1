/** @module The finding of a failed migration, with advice: change the statement, change the data, or write something else. Pure. */
import { errorFinding } from "../report/report-body.ts";
import type { Finding } from "../report/report.ts";
import { culprit, culpritAt } from "../sql/culprit.ts";
import { excerpt, positionAt } from "../sql/position.ts";
import type { Migration } from "./migration.ts";
import type { Failure } from "./migration-run.ts";
import { count } from "../report/wording.ts";
import { unframe } from "../sql/complaint.ts";
import { leadingWords } from "../sql/classify.ts";
import type { Offending } from "./offending.ts";
import { REBUILD_REFERENCED, refusedBy } from "./refused.ts";

/** The finding of a failure. For a statement, it shows the line with a caret under the place of the error. */
export function failureFinding(migration: Migration, failure: Failure): Finding {
  const { name, file } = migration;
  switch (failure.kind) {
    case "error": {
      const { message } = failure.error;
      return errorFinding(failure.error, "error", {
        file,
        message: message.startsWith(name) ? message : `${name}: ${message}`,
      });
    }
    case "record":
      return {
        rule: "record-failed",
        level: "error",
        file,
        message: `${name} ran, but d1ops could not record it, so D1 rolled it back: ${failure.message}`,
        help: "Check whether it drops or changes the ledger tables (d1_migrations, d1ops_migrations). A migration must not change them.",
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
    const end = unframe(message).text.startsWith("FOREIGN KEY") ? " at its end" : "";
    return { ...base, message: `${migration.name} failed${end}: ${message}` };
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

const ROLLED_BACK = "D1 rolled the whole migration back.";

/** The help below a failure. `statements` are those that may have failed: one, or all if the failed one is unknown. */
export function adviceFor(
  statements: readonly string[],
  message: string,
  offending: Offending | null,
): string {
  const { text } = unframe(message);
  const refused = statements.map((one) => refusedBy(one, text)).find((row) => row !== null);
  if (refused !== undefined) return `${ROLLED_BACK} ${insteadOf(refused.instead)}`;
  const cutTrigger = text === "incomplete input" && statements.some(isWholeTrigger);
  // D1's API is reported to split some triggers at a semicolon inside them (workers-sdk#15690, #14991, #4326).
  if (cutTrigger) {
    return `${ROLLED_BACK} The statement is complete, but D1's API has cut a trigger at a semicolon inside it. Write BEGIN and END in upper case, end lines with LF, and use iif() instead of CASE … END.`;
  }
  const rows = rowsOf(text);
  if (rows === null) return `${ROLLED_BACK} Change the statement and run the same command again.`;
  const found = offending === null ? rows : `${describe(offending)} ${rows}`;
  const drops = text.startsWith("FOREIGN KEY") && statements.some(dropsTable);
  return `${ROLLED_BACK} ${found}${drops ? ` If the migration rebuilds the table, ${REBUILD_REFERENCED}.` : ""}`;
}

function dropsTable(statement: string): boolean {
  return leadingWords(statement, 2).join(" ") === "DROP TABLE";
}

function isWholeTrigger(statement: string): boolean {
  return leadingWords(statement, 4).includes("TRIGGER") && /\bend\s*;?\s*$/i.test(statement);
}

function insteadOf(instead: string): string {
  return instead.startsWith("nothing")
    ? `Remove the statement: ${instead.replace("nothing: ", "")}.`
    : `D1 rejects this. Instead: ${instead}.`;
}

/** `3 rows of users break it; the first are id 4, id 9, id 12.` */
function describe({ rows, keys, what, unit = "row" }: Offending): string {
  const broken = count(rows, unit);
  const first = keys.length === rows ? "" : "the first are ";
  return `${broken}: ${what} (${first}${keys.join("; ")}).`;
}

/** What to change after an error caused by rows. Null if the statement itself is wrong. */
function rowsOf(text: string): string | null {
  const kind = /^(.+?) constraint failed\b/.exec(text)?.[1] ?? "";
  const change =
    CHANGES.get(kind) ??
    (OF_TYPES.test(text)
      ? "Change the data: the column has another type. CAST(x AS …) converts a value."
      : OF_VALUES.test(text)
        ? "Change the data or the statement: a value causes this."
        : null);
  return change === null ? null : `${change} Then run the same command again.`;
}

const CHANGES: ReadonlyMap<string, string> = new Map([
  ["NOT NULL", "Change the data, or replace NULL with a value: coalesce(x, '…')."],
  ["UNIQUE", "Change the data so that each value occurs once."],
  ["CHECK", "Change the data so that it passes the check, or change the check."],
  [
    "FOREIGN KEY",
    "Change the data: insert the referenced rows first, or set the references to NULL. If the statement deletes rows, delete the rows that reference them first.",
  ],
]);

const OF_TYPES = /^(?:cannot store \w+ value in |datatype mismatch$)/;

/** Errors that SQLite raises for values while a statement runs. */
const OF_VALUES =
  /^(?:malformed JSON|bad JSON path|JSON path error|integer overflow|LIKE or GLOB pattern too complex|string or blob too big|triggers nested too deep|too many levels of trigger recursion)/;
