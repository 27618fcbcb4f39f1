/** @module Lists the parameters of a statement. */
import { tokens } from "../sql/tokens.ts";

/** The number of parameters, and the names of the named ones by their number. */
export interface ParameterList {
  readonly count: number;
  readonly names: ReadonlyMap<number, string>;
}

const NONE: ParameterList = { count: 0, names: new Map() };

/** Numbers the parameters as SQLite does: `?` is the next, `?7` is the seventh, a repeated name keeps its number. */
export function parameters(sql: string): ParameterList {
  if (!/[?:@$#]/.test(sql)) return NONE;
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  let count = 0;
  for (const { kind, start, end } of tokens(sql)) {
    if (kind !== "variable") continue;
    const text = sql.slice(start, end);
    if (text.startsWith("?")) {
      count = text === "?" ? count + 1 : Math.max(count, Number(text.slice(1)));
    } else if (!numbers.has(text)) {
      count += 1;
      numbers.set(text, count);
      names.set(count, text);
    }
  }
  return { count, names };
}
