/**
 * Statements that take data away, by their words. What they take with them (children, by cascade) only a rehearsal can tell.
 * @module
 */
import type { Finding } from "../report/report.ts";
import { leadingWords } from "../sql/classify.ts";
import { positionAt } from "../sql/position.ts";
import { sameIdentifier, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, tokens } from "../sql/tokens.ts";
import type { Migration } from "./migration.ts";

/** One finding a statement. A table that these same migrations have made may go: nothing of anybody's is in it. */
export function destructionFindings(migrations: readonly Migration[]): Finding[] {
  const made: string[] = [];
  return migrations.flatMap((migration) =>
    migration.statements.flatMap(({ text, start }) => {
      const words = wordsOf(text);
      const created = createdTable(words);
      if (created !== null) made.push(created);
      const loss = lossOf(words);
      if (loss === null || made.some((name) => sameIdentifier(name, loss.table))) return [];
      return [
        {
          rule: "destructive",
          level: "warning" as const,
          file: migration.file,
          line: positionAt(migration.text, start).line,
          table: loss.table,
          message: `${migration.name} ${loss.what}.`,
          help: "Is there a copy? On a remote database this has to be confirmed by the database's name: --confirm NAME.",
        },
      ];
    }),
  );
}

interface Loss {
  readonly table: string;
  readonly what: string;
}

/** Of a REPLACE or an UPDATE nobody knows without running it, so neither is among them. */
function lossOf(words: readonly string[]): Loss | null {
  const [first = "", second = ""] = words.map(upperCase);
  if (first === "DROP" && second === "TABLE") {
    const table = nameAfter(words, upperCase(words[2] ?? "") === "IF" ? 4 : 2);
    return { table, what: `drops the table ${table} and all that is in it` };
  }
  if (first === "ALTER" && second === "TABLE") {
    const table = nameAfter(words, 2);
    const drop = words.findIndex((word, i) => i > 2 && upperCase(word) === "DROP");
    if (drop < 0) return null;
    const column = nameAfter(
      words,
      upperCase(words[drop + 1] ?? "") === "COLUMN" ? drop + 2 : drop + 1,
    );
    return { table, what: `drops the column ${table}.${column} and all that is in it` };
  }
  if (first === "DELETE") {
    const table = nameAfter(words, 2);
    const some = words.some((word) => upperCase(word) === "WHERE");
    return { table, what: `deletes ${some ? "rows" : "every row"} of ${table}` };
  }
  return null;
}

function createdTable(words: readonly string[]): string | null {
  const upper = words.slice(0, 3).map(upperCase);
  if (upper[0] !== "CREATE" || upper[1] !== "TABLE") return null;
  return nameAfter(words, upper[2] === "IF" ? 5 : 2);
}

/** `main.users` is `users`. */
function nameAfter(words: readonly string[], at: number): string {
  const qualified = words[at + 1] === ".";
  return unquoteIdentifier(words[qualified ? at + 2 : at] ?? "");
}

/** Only of the statements that are looked at: the others can be long. */
function wordsOf(statement: string): string[] {
  const [first = ""] = leadingWords(statement, 1);
  if (!["DROP", "ALTER", "DELETE", "CREATE"].includes(first)) return [];
  const words: string[] = [];
  for (const token of tokens(statement)) {
    if (words.length > 40) break;
    if (isSignificant(token)) words.push(statement.slice(token.start, token.end));
  }
  return words;
}
