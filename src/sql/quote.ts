/**
 * Names and strings, in and out of their quotes.
 * @module
 */

/** A name as SQL: always in double quotes, which keywords and odd names need and others bear. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text as SQL. NUL, where SQLite's text ends, cannot stand in a literal: a text with one becomes an
 * expression in parentheses, good wherever an expression is.
 */
export function quoteString(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || char(0) || ")})`;
}

/** The name that a token stands for: quotes of any of the four kinds taken off, doubled ones made one. */
export function unquoteIdentifier(token: string): string {
  const quote = token.charAt(0);
  if (token.length < 2) return token;
  if (quote === "[" && token.endsWith("]")) return token.slice(1, -1);
  if ((quote === '"' || quote === "`" || quote === "'") && token.endsWith(quote))
    return token.slice(1, -1).replaceAll(quote + quote, quote);
  return token;
}

/** Do two names mean the same thing to SQLite? Case matters outside ASCII only. */
export function sameIdentifier(a: string, b: string): boolean {
  return a.length === b.length && upperCase(a) === upperCase(b);
}

/** A to Z only, as SQLite does it. */
export function upperCase(text: string): string {
  return text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}
