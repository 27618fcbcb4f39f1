/**
 * Compares stored phone numbers, which older rows have as people typed them, with a number in E.164.
 * @module
 */
import { type RawBuilder, sql } from "kysely";

/** Separators that people type between digits. */
const TYPED = ["'(0)'", "' '", "'.'", "'-'", "'/'", "'('", "')'"] as const;

/** Separators in pasted text: tabs, typographic spaces and dashes. */
const PASTED = [9, 160, 8201, 8208, 8209, 8211, 8239] as const;

const SEPARATORS: readonly string[] = [...TYPED, ...PASTED.map((code) => `char(${code})`)];

/** A column of numbers. Each has an index on the last seven digits. */
export type PhoneColumn = "m.phone_number" | "o.phone";

/** Exactly the expression of the indexes `idx_omni_phone_mappings_tail` and `idx_tenants_tail`. SQLite uses them for no other. */
function bareOf(column: string): RawBuilder<string> {
  return sql.raw(SEPARATORS.reduce((text, one) => `replace(${text}, ${one}, '')`, column));
}

/**
 * True if `column` is `number` in any notation. The index finds the candidates by their last seven digits. Of these it accepts:
 *
 * - without a country code: the last nine digits are equal, or all digits after the leading zeros are the end of `number`
 * - with a country code: it is the same and the last nine digits are equal; so the surplus zero of `+33 06…` does not count
 */
export function samePhone(
  number: RawBuilder<string | null>,
  column: PhoneColumn,
): RawBuilder<boolean> {
  const bare = bareOf(column);
  return sql<boolean>`(substr(${bare}, -7) = substr(${number}, -7) AND (SELECT CASE instr(bare, '+')
    WHEN 0 THEN substr(bare, -9) = substr(number, -9) OR substr(number, -length(ltrim(bare, '0'))) = ltrim(bare, '0')
    ELSE substr(bare, -9) = substr(number, -9) AND substr(bare, 1, length(number) - 9) = substr(number, 1, length(number) - 9)
    END FROM (SELECT ${bare} AS bare, ${number} AS number)))`;
}
