/**
 * Finds the commands in the output of d1ops, as a person would copy them. It shares no code with the code that creates them.
 */

export interface Suggestion {
  /** The command as printed. */
  readonly text: string;
  /** The words after those that start the program. */
  readonly words: readonly string[];
  /** Whether it is in backticks or begins its line, so that the whole line can be pasted. */
  readonly pasteable: boolean;
}

/** Each occurrence of the words that started d1ops, up to the end of the line or a closing backtick. */
export function extract(text: string, startedAs: string): Suggestion[] {
  const found: Suggestion[] = [];
  for (let at = text.indexOf(startedAs); at >= 0; at = text.indexOf(startedAs, at + 1)) {
    const before = text.slice(0, at);
    const rest = text.slice(at + startedAs.length);
    if (/[^\s`]$/.test(before) || !/^\s|^$|^`/.test(rest)) continue;
    // The usage line of a help lists the flags, in brackets. `npx d1ops` contains `d1ops`.
    if (/Usage: $|(npx|exec|dlx|yarn|bunx) $/.test(before)) continue;
    const { words, length } = shellWords(rest);
    const pasteable = /`$|(?:^|\n)\s*(?:help: +|\$ )?$/.test(before);
    found.push({ text: startedAs + rest.slice(0, length), words, pasteable });
  }
  return found;
}

/** The words as a POSIX shell parses them, up to the end of a simple command. */
export function shellWords(text: string): { readonly words: string[]; readonly length: number } {
  const words: string[] = [];
  let at = 0;
  let word: string | null = null;
  const end = (): void => {
    if (word !== null) words.push(word);
    word = null;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (/[\n`|<>&;]/.test(character)) break;
    if (character === " ") end();
    else if (character === "'" || character === '"') {
      const close = text.indexOf(character, at + 1);
      if (close < 0) throw new Error(`a quote without end: ${text}`);
      word = (word ?? "") + text.slice(at + 1, close);
      at = close;
    } else if (character === "\\") {
      word = (word ?? "") + text.charAt(at + 1);
      at += 1;
    } else word = (word ?? "") + character;
    at += 1;
  }
  end();
  return { words, length: at };
}
