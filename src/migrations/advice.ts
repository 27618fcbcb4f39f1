/**
 * Advice after a failed statement: change the statement, change the data, or write something else. Pure.
 * @module
 */
import { count } from "../report/wording.ts";
import { unframe } from "../sql/complaint.ts";
import { leadingWords } from "../sql/classify.ts";
import type { Offending } from "./offending.ts";
import { refusedBy } from "./refused.ts";

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
  return `${ROLLED_BACK} ${offending === null ? rows : `${describe(offending)} ${rows}`}`;
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
function describe({ rows, keys, what }: Offending): string {
  const broken = count(rows, "row");
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
  ["UNIQUE", "Change the data so that each value occurs once, or write only one row per value."],
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
