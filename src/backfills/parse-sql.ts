/**
 * Reads a backfill in SQL. Each line that begins with `-- d1ops:` starts a part:
 *
 * ```sql
 * -- d1ops:after 0004_unified_architecture.sql
 * -- d1ops:source onboarding_sessions
 * -- d1ops:key id
 * -- d1ops:outcome
 * CASE WHEN tenant_id IS NULL THEN 'invalid: tenant-null' ELSE 'changed' END
 * -- d1ops:write
 * UPDATE tenants SET onboarding_completed = 1 WHERE id IN (SELECT tenant_id FROM todo);
 * -- d1ops:reconcile
 * SELECT id FROM tenants WHERE …;
 * ```
 * @module
 */
import type { OpsError } from "../report/error.ts";
import { leadingWords, onlyReads } from "../sql/classify.ts";
import { split, type Statement } from "../sql/split.ts";
import { invalid, KEY_COLUMNS, type SqlBackfill } from "./backfill.ts";
import { WINDOW } from "./slice.ts";

interface Part {
  readonly word: string;
  readonly value: string;
  readonly line: number;
  body: string;
}

/** `value` is on the line itself, `body` on the lines below it. */
const PARTS: ReadonlyMap<string, "value" | "body" | "either"> = new Map([
  ["after", "value"],
  ["key", "value"],
  ["source", "either"],
  ["outcome", "body"],
  ["write", "body"],
  ["reconcile", "body"],
]);

export interface BackfillFile {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly checksum: string;
}

/** @throws OpsError BACKFILL_INVALID */
export function parseSqlBackfill({ name, file, text, checksum }: BackfillFile): SqlBackfill {
  const parts = readParts(file, text);
  for (const part of parts) requireNothingBelow(file, part);
  const one = (word: string): Part | undefined => parts.find((part) => part.word === word);
  const needed = (word: string): Part => {
    const part = one(word);
    if (part === undefined) throw invalid(file, null, `the line \`-- d1ops:${word}\` is missing.`);
    return part;
  };
  const write = needed("write");
  const writes = split(write.body);
  if (writes.length === 0)
    throw invalid(file, write.line, "`d1ops:write` has no statement below it.");
  for (const statement of writes) requireWrite(file, write, statement);
  const every = writes.find((statement) => statement.text.includes(WINDOW));
  if (one("outcome") !== undefined && every !== undefined) {
    const problem = `${WINDOW} means every row. With \`d1ops:outcome\`, use \`todo\`: the rows that are \`changed\`.`;
    throw invalid(file, write.line + every.line, problem);
  }
  const source = needed("source");
  return {
    kind: "sql",
    name,
    file,
    checksum,
    after: one("after")?.value ?? null,
    source: source.value || (onlyBelow(file, source, "SELECT") ?? ""),
    key: keyOf(file, needed("key")),
    outcome: onlyBelow(file, one("outcome"), "expression"),
    writes: writes.map((statement) => withoutEnd(statement.text)),
    reconcile: onlyBelow(file, one("reconcile"), "SELECT"),
  };
}

function readParts(file: string, text: string): Part[] {
  const parts: Part[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const [, word, value = ""] = /^--\s*d1ops:(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    if (word === undefined) {
      const part = parts.at(-1);
      const comment = /^\s*(?:--.*)?$/.test(line);
      if (part !== undefined) part.body += `${line}\n`;
      else if (!comment) throw invalid(file, i + 1, "it must begin with a line `-- d1ops:…`.");
      continue;
    }
    const fault = (problem: string): OpsError =>
      invalid(file, i + 1, `\`d1ops:${word}\` ${problem}`);
    const takes = PARTS.get(word);
    if (takes === undefined) {
      throw fault(`is not a part; the parts are ${[...PARTS.keys()].join(", ")}.`);
    }
    if (parts.some((part) => part.word === word)) throw fault("appears twice.");
    if (takes === "value" && value === "") throw fault("needs a value on its line.");
    if (takes === "body" && value !== "") {
      throw fault("must be alone on its line; write its SQL below it.");
    }
    parts.push({ word, value, line: i + 1, body: "" });
  }
  return parts;
}

const WRITES: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]);

/** Only these statements can read the rows of the window. */
function requireWrite(file: string, part: Part, { text, line }: Statement): void {
  const [first = ""] = leadingWords(text, 1);
  if (WRITES.has(first) && !onlyReads(text)) return;
  const what = onlyReads(text)
    ? "this writes nothing"
    : "only INSERT, UPDATE, DELETE and REPLACE are allowed here";
  throw invalid(file, part.line + line, `${what}: ${text.slice(0, 60)}`);
}

/** Text that d1ops would not read is an error, because its author expects an effect. */
function requireNothingBelow(file: string, { word, value, line, body }: Part): void {
  if (value === "") return;
  const below = split(body)[0];
  if (below === undefined) return;
  throw invalid(
    file,
    line + below.line,
    `\`d1ops:${word}\` has its value on its line, so no SQL may follow it.`,
  );
}

export function keyOf(
  file: string,
  { value, line }: { value: string; line: number | null },
): string[] {
  const columns = value.split(",").map((column) => column.trim());
  if (columns.includes("")) throw invalid(file, line, "the key has a column without a name.");
  if (new Set(columns).size < columns.length) {
    throw invalid(file, line, "the key has a column twice.");
  }
  if (columns.length > KEY_COLUMNS) {
    throw invalid(file, line, `a key has at most ${KEY_COLUMNS} columns.`);
  }
  return columns;
}

/** The only statement below a part. Null if the file has no such part. */
function onlyBelow(
  file: string,
  part: Part | undefined,
  what: "SELECT" | "expression",
): string | null {
  if (part === undefined) return null;
  const [one, ...more] = split(part.body);
  if (one === undefined || more.length > 0 || (what === "SELECT" && !onlyReads(one.text))) {
    throw invalid(file, part.line, `\`d1ops:${part.word}\` needs exactly one ${what}.`);
  }
  return withoutEnd(one.text);
}

function withoutEnd(statement: string): string {
  return statement.replace(/\s*;$/, "");
}
