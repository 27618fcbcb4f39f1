/**
 * Detects destructive statements by keyword. Only a rehearsal can tell what else they delete, such as children by cascade.
 * @module
 */
import type { Finding } from "../report/report.ts";
import { leadingWords } from "../sql/classify.ts";
import { positionAt } from "../sql/position.ts";
import { sameIdentifier, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, tokens } from "../sql/tokens.ts";
import type { Migration } from "./migration.ts";

/** One finding per statement. Dropping a table that the same migrations created is not destructive: it holds no older data. */
export function destructionFindings(migrations: readonly Migration[]): Finding[] {
  let ownTables: string[] = [];
  return migrations.flatMap((migration) =>
    migration.statements.flatMap(({ text, start }) => {
      const words = wordsOf(text);
      const created = createdTable(words);
      if (created !== null) ownTables.push(created);
      const renamed = renamedTable(words);
      if (renamed !== null) ownTables = afterRename(ownTables, renamed);
      const loss = lossOf(words);
      if (loss === null || ownTables.some((name) => sameIdentifier(name, loss.table))) return [];
      return [
        {
          rule: "destructive",
          level: "warning" as const,
          file: migration.file,
          line: positionAt(migration.text, start).line,
          table: loss.table,
          message: `${migration.name} ${loss.what}.`,
          help: "Check that there is a copy. `migrate apply --remote` asks for the database's name, unless --confirm NAME gives it.",
        },
      ];
    }),
  );
}

interface Loss {
  readonly table: string;
  readonly what: string;
}

/** Excludes REPLACE and UPDATE: what they destroy is unknown before they run. */
function lossOf(all: readonly string[]): Loss | null {
  const words = withoutWith(all);
  const [first = "", second = ""] = words.map(upperCase);
  if (first === "DROP" && second === "TABLE") {
    const table = nameAfter(words, upperCase(words[2] ?? "") === "IF" ? 4 : 2);
    return { table, what: `drops the table ${table} with all its data` };
  }
  if (first === "ALTER" && second === "TABLE") {
    const table = nameAfter(words, 2);
    const drop = words.findIndex((word) => upperCase(word) === "DROP");
    if (drop < 0) return null;
    const column = nameAfter(
      words,
      upperCase(words[drop + 1] ?? "") === "COLUMN" ? drop + 2 : drop + 1,
    );
    return { table, what: `drops the column ${table}.${column} with all its data` };
  }
  if (first === "DELETE") {
    const table = nameAfter(words, 2);
    const some = words.some((word) => upperCase(word) === "WHERE");
    return { table, what: `deletes ${some ? "rows" : "every row"} of ${table}` };
  }
  return null;
}

/** The DELETE after the common tables of a `WITH`; empty if another statement follows them. */
function withoutWith(words: readonly string[]): readonly string[] {
  if (upperCase(words[0] ?? "") !== "WITH") return words;
  const at = words.findIndex((word) => upperCase(word) === "DELETE");
  return at < 0 ? [] : words.slice(at);
}

function createdTable(words: readonly string[]): string | null {
  const upper = words.slice(0, 3).map(upperCase);
  if (upper[0] !== "CREATE" || upper[1] !== "TABLE") return null;
  // IF NOT EXISTS may have created nothing.
  return upper[2] === "IF" ? null : nameAfter(words, 2);
}

interface Rename {
  readonly from: string;
  readonly to: string;
}

function renamedTable(words: readonly string[]): Rename | null {
  const upper = words.map(upperCase);
  if (upper[0] !== "ALTER" || upper[1] !== "TABLE") return null;
  const to = upper.findIndex((word, i) => word === "TO" && upper[i - 1] === "RENAME");
  return to < 0 ? null : { from: nameAfter(words, 2), to: nameAfter(words, to + 1) };
}

function afterRename(tables: readonly string[], { from, to }: Rename): string[] {
  const others = tables.filter((name) => !sameIdentifier(name, from) && !sameIdentifier(name, to));
  return tables.some((name) => sameIdentifier(name, from)) ? [...others, to] : others;
}

/** The table's name without its schema: `users` for `main.users`. */
function nameAfter(words: readonly string[], at: number): string {
  const qualified = words[at + 1] === ".";
  return unquoteIdentifier(words[qualified ? at + 2 : at] ?? "");
}

/** Reads the words only of statements that may be destructive: the others can be long. */
function wordsOf(statement: string): string[] {
  const [first = ""] = leadingWords(statement, 1);
  if (!["DROP", "ALTER", "DELETE", "CREATE", "WITH"].includes(first)) return [];
  const words: string[] = [];
  for (const token of tokens(statement)) {
    if (words.length > 40 && first !== "WITH") break;
    if (isSignificant(token)) words.push(statement.slice(token.start, token.end));
  }
  return words;
}
