/**
 * The SQL that turns a row into the text of a snapshot: `(17,'a',X'00FF',NULL,1.5)`. Each value becomes the literal from which SQLite makes
 * the same value, with the same type and the same bytes.
 * @module
 */
import { quoteIdentifier } from "../../sql/quote.ts";
import { literalOf } from "./literal.ts";

/**
 * An expression for one value. SQLite's `quote()` writes all values exactly, with two exceptions: it cuts a text at its first NUL, and it
 * loses the sign of `-0.0`.
 */
export function valueText(column: string): string {
  const name = quoteIdentifier(column);
  return (
    `CASE typeof(${name}) WHEN 'text' THEN ` +
    `CASE WHEN instr(${name},char(0)) THEN 'CAST(X'''||hex(${name})||''' AS TEXT)' ELSE quote(${name}) END ` +
    `WHEN 'real' THEN ${realText(name)} ELSE quote(${name}) END`
  );
}

/** Another literal for the same value, which is always valid UTF-8. */
function hexText(column: string): string {
  const name = quoteIdentifier(column);
  return `CASE typeof(${name}) WHEN 'text' THEN 'CAST(X'''||hex(${name})||''' AS TEXT)' ELSE ${valueText(column)} END`;
}

/** An expression for these values, with commas between them. */
export function listText(
  columns: readonly string[],
  valueOf: typeof valueText = valueText,
): string {
  return balanced(
    columns.map((column) => `(${valueOf(column)})`),
    "||','||",
  );
}

/** Another expression for the same values, whose text is always valid UTF-8. */
export function exactListText(columns: readonly string[]): string {
  return listText(columns, hexText);
}

/** An expression for a whole row. */
export function rowText(columns: readonly string[]): string {
  return `'('||${listText(columns)}||')'`;
}

/**
 * An expression for the same text in two thirds of the time, if no value has a NUL character. Otherwise the text has one.
 *
 * It compares each value with the smallest text and the smallest blob, which is faster than `typeof()`, and quotes a text itself, which is
 * faster than `quote()`.
 */
export function plainRowText(columns: readonly string[]): string {
  return `'('||${joinedValues(columns.map(plainText))}||')'`;
}

function plainText(column: string): string {
  const name = quoteIdentifier(column);
  return (
    `CASE WHEN ${name}<'' THEN CASE WHEN typeof(${name})='real' THEN ${realText(name)} ELSE ${name} END ` +
    `WHEN ${name}<X'' THEN ''''||CASE WHEN ${name} GLOB '*''*' THEN replace(${name},'''','''''') ELSE ${name} END||'''' ` +
    `ELSE quote(${name}) END`
  );
}

function realText(name: string): string {
  return `CASE WHEN ${name}=0.0 AND atan2(${name},-1.0)<0 THEN '-0.0' ELSE quote(${name}) END`;
}

/** D1 allows 32 arguments, and the separator is one. */
const VALUES_AT_ONCE = 31;

function joinedValues(values: readonly string[]): string {
  if (values.length <= VALUES_AT_ONCE) return `concat_ws(',',${values.join(",")})`;
  const parts = Array.from({ length: Math.ceil(values.length / VALUES_AT_ONCE) }, (_, i) =>
    joinedValues(values.slice(i * VALUES_AT_ONCE, (i + 1) * VALUES_AT_ONCE)),
  );
  return joinedValues(parts);
}

/** D1 limits the depth of an expression to 100, which a chain of 50 concatenations reaches. So this makes a tree. */
export function balanced(parts: readonly string[], operator: string): string {
  const [only, ...others] = parts;
  if (only === undefined) return "''";
  if (others.length === 0) return only;
  const half = Math.ceil(parts.length / 2);
  return `(${balanced(parts.slice(0, half), operator)}${operator}${balanced(parts.slice(half), operator)})`;
}

const TEXT_OF_BYTES = /CAST\(X'([0-9A-F]*)' AS TEXT\)/g;

/** Changes the result of {@link exactListText} into that of {@link listText}. It has no text in quotes, which could look like a literal. */
export function readable(exact: string): string {
  return exact.replaceAll(TEXT_OF_BYTES, (_, hex: string) => literalOf({ type: "text", hex }));
}
