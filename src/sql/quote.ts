/** @module Quotes and unquotes names and strings. */

/** Quotes a name for SQL, always with double quotes. Keywords and unusual names need them; other names allow them. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Quotes a string for SQL. A literal cannot contain NUL, because SQLite's text ends there. A string with NUL becomes an
 * expression in parentheses, valid wherever an expression is.
 */
export function quoteString(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || char(0) || ")})`;
}

/** Returns the name that a token stands for: without its quotes of any of the four kinds, doubled quotes made single. */
export function unquoteIdentifier(token: string): string {
  const quote = token.charAt(0);
  if (token.length < 2) return token;
  if (quote === "[" && token.endsWith("]")) return token.slice(1, -1);
  if ((quote === '"' || quote === "`" || quote === "'") && token.endsWith(quote))
    return token.slice(1, -1).replaceAll(quote + quote, quote);
  return token;
}

/** Compares two names as SQLite does: case matters outside ASCII only. */
export function sameIdentifier(a: string, b: string): boolean {
  return a.length === b.length && upperCase(a) === upperCase(b);
}

/** Changes only a to z, as SQLite does. */
export function upperCase(text: string): string {
  return text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}
