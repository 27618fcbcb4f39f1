/**
 * Splits SQL that arrives in pieces, at the places where `sqlite3_complete()` would split the whole text. SQLite's shell
 * reads a dump the same way. The feed keeps only the statement that has not ended yet.
 * @module
 */
import { cuts } from "./split.ts";

export interface Feed {
  /** Adds a piece and returns the statements that it completes. A statement includes the white space and comments before it. */
  take(piece: string): string[];
  /** Returns the remaining statements, and a last one without `;`. */
  end(): string[];
}

/** Creates a feed. SQLite treats NUL as the end of the text, so the caller must check the input for NUL. */
export function feed(): Feed {
  let open = "";
  let enough = 0;
  const cut = (): string[] => {
    const ends = cuts(open);
    const found = ends.map((end, i) => open.slice(ends[i - 1] ?? 0, end));
    open = open.slice(ends.at(-1) ?? 0);
    // Waiting until the text has doubled keeps a statement of many pieces from being read again with each of them.
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
