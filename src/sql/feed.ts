/**
 * A text of SQL that comes in pieces, cut into statements where `sqlite3_complete()` would cut the whole of it: as
 * SQLite's own shell reads a dump. No more of it is kept than the statement that has not ended yet.
 * @module
 */
import { cuts } from "./split.ts";

export interface Feed {
  /** Statements that end in what has come so far, each once. White space and comments before one are its own. */
  take(piece: string): string[];
  /** Those that are left, and what has no `;` behind it. */
  end(): string[];
}

/** To SQLite a NUL is the end of the text: who feeds it has to look for one. */
export function feed(): Feed {
  let open = "";
  let enough = 0;
  const cut = (): string[] => {
    const ends = cuts(open);
    const found = ends.map((end, i) => open.slice(ends[i - 1] ?? 0, end));
    open = open.slice(ends.at(-1) ?? 0);
    // A statement of many pieces would be read again with each of them: so it has to be twice as long first.
    enough = ends.length === 0 ? open.length * 2 : 0;
    return found;
  };
  return {
    take(piece) {
      open += piece;
      return open.length < enough ? [] : cut();
    },
    end() {
      const found = cut();
      return open.trim() === "" ? found : [...found, open];
    },
  };
}
