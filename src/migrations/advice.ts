/**
 * What to do after a statement has failed: change the statement, or the data, or write something else. Pure.
 * @module
 */
import { count as counted } from "../report/wording.ts";
import { unframe } from "../sql/complaint.ts";
import { leadingWords } from "../sql/classify.ts";
import type { Offending } from "./offending.ts";
import { refusedBy } from "./refused.ts";

const KEPT = "Nothing of this migration was kept.";

/** What a report says below a failure. `statements` are those that may have failed: one, or all where it is not known which. */
export function adviceFor(
  statements: readonly string[],
  message: string,
  offending: Offending | null,
): string {
  const { text } = unframe(message);
  const refused = statements.map((one) => refusedBy(one, text)).find((row) => row !== null);
  if (refused !== undefined) return `${KEPT} ${insteadOf(refused.instead)}`;
  const cutTrigger = text === "incomplete input" && statements.some(isWholeTrigger);
  // D1's API is reported to cut some triggers at a semicolon inside of them (workers-sdk#15690, #14991, #4326).
  if (cutTrigger) {
    return `${KEPT} The statement is whole: D1's API has cut a trigger at a semicolon inside of it. Write BEGIN and END in capitals, end lines with LF, and use iif() for CASE … END.`;
  }
  const rows = rowsOf(text);
  if (rows === null) return `${KEPT} Change the statement and run the same command again.`;
  return `${KEPT} ${offending === null ? rows : `${told(offending)} ${rows}`}`;
}

function isWholeTrigger(statement: string): boolean {
  return leadingWords(statement, 4).includes("TRIGGER") && /\bend\s*;?\s*$/i.test(statement);
}

function insteadOf(instead: string): string {
  return instead.startsWith("nothing")
    ? `Remove the statement: ${instead.replace("nothing: ", "")}.`
    : `D1 refuses this. Instead: ${instead}.`;
}

/** `3 rows of users break it; the first are id 4, id 9, id 12.` */
function told({ rows, keys, what }: Offending): string {
  const count = counted(rows, "row");
  const first = keys.length === rows ? "" : "the first are ";
  return `${count}: ${what} (${first}${keys.join("; ")}).`;
}

/** For errors that rows cause: what to change. Null where the statement itself is wrong. */
function rowsOf(text: string): string | null {
  const kind = /^(.+?) constraint failed\b/.exec(text)?.[1] ?? "";
  const change =
    CHANGES.get(kind) ??
    (OF_TYPES.test(text)
      ? "Change the data: the column takes another type. CAST(x AS …) converts a value."
      : OF_VALUES.test(text)
        ? "Change the data or the statement: a value causes this."
        : null);
  return change === null ? null : `${change} Then run the same command again.`;
}

const CHANGES: ReadonlyMap<string, string> = new Map([
  ["NOT NULL", "Change the data, or give a value where there is none: coalesce(x, '…')."],
  [
    "UNIQUE",
    "Change the data so that each value is there once, or let the statement keep one row of each.",
  ],
  ["CHECK", "Change the data so that it passes the check, or change the check."],
  [
    "FOREIGN KEY",
    "Change the data: insert the rows that are referred to first, or set the references to NULL. Where the statement deletes rows, delete those that refer to them first.",
  ],
]);

const OF_TYPES = /^(?:cannot store \w+ value in |datatype mismatch$)/;

/** What SQLite raises from values, while a statement runs. */
const OF_VALUES =
  /^(?:malformed JSON|bad JSON path|JSON path error|integer overflow|LIKE or GLOB pattern too complex|string or blob too big|triggers nested too deep|too many levels of trigger recursion)/;
