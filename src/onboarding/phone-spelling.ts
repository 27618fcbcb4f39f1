/**
 * Numbers as older rows have them, as people type them: whether one is a number in E.164, in whatever spelling.
 * @module
 */
import { type RawBuilder, sql } from "kysely";

/** What people put between digits. */
const TYPED = ["'(0)'", "' '", "'.'", "'-'", "'/'", "'('", "')'"] as const;

/** What comes with a text that is pasted: tabs, and the blanks and dashes of print. */
const PASTED = [9, 160, 8201, 8208, 8209, 8211, 8239] as const;

const SEPARATORS: readonly string[] = [...TYPED, ...PASTED.map((code) => `char(${code})`)];

/** A column that has numbers. Each has an index of its tails. */
export type PhoneColumn = "m.phone_number" | "o.phone";

/** The spelling of the indexes `idx_omni_phone_mappings_tail` and `idx_tenants_tail`; another would not use them. */
function bareOf(column: string): RawBuilder<string> {
  return sql.raw(SEPARATORS.reduce((text, one) => `replace(${text}, ${one}, '')`, column));
}

/**
 * Whether `column` is `number`. The last seven digits are the same in each spelling. What has no country's code may be of any
 * country: its digits without the zeros before them are the end of the number, or its last nine are. `+33 06…` has one zero too many.
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
