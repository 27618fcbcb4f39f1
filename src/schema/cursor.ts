/** @module A cursor that reads a definition from left to right. */
import { closing, contents, isSign, isWord, type Lexeme } from "../sql/lexemes.ts";

/** A position in a list of lexemes. A method that finds what it looks for moves past it. */
export class Cursor {
  readonly #list: readonly Lexeme[];
  #at = 0;

  constructor(list: readonly Lexeme[]) {
    this.#list = list;
  }

  get done(): boolean {
    return this.#at >= this.#list.length;
  }

  peek(ahead = 0): Lexeme | undefined {
    return this.#list[this.#at + ahead];
  }

  /** True if these words come next, in this order. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, ahead) => isWord(this.peek(ahead), word));
  }

  /** Moves past these words if all of them come next. */
  words(...words: readonly string[]): boolean {
    const found = this.sees(...words);
    if (found) this.#at += words.length;
    return found;
  }

  sign(sign: string): boolean {
    const found = isSign(this.peek(), sign);
    if (found) this.#at += 1;
    return found;
  }

  next(): Lexeme | undefined {
    const lexeme = this.peek();
    if (lexeme !== undefined) this.#at += 1;
    return lexeme;
  }

  /** Reads a name, without its quotes; an empty string if there is none. As in SQLite, a string counts as a name. */
  name(): string {
    const lexeme = this.peek();
    const isName = lexeme && ["word", "quoted", "string"].includes(lexeme.kind);
    return isName && this.next() ? contents(lexeme) : "";
  }

  /** Reads a name such as `main.users` and returns the part after the last dot. */
  qualifiedName(): string {
    const name = this.name();
    return this.sign(".") ? this.qualifiedName() : name;
  }

  /** Reads the contents of parentheses; null if there are none. */
  group(): Lexeme[] | null {
    if (!isSign(this.peek(), "(")) return null;
    const close = closing(this.#list, this.#at);
    const inner = this.#list.slice(this.#at + 1, close);
    this.#at = close + 1;
    return inner;
  }

  /** Reads up to the first position outside parentheses where `stop` returns true. */
  until(stop: (cursor: Cursor) => boolean): Lexeme[] {
    const start = this.#at;
    while (!this.done && !stop(this)) {
      if (this.group() === null) this.#at += 1;
    }
    return this.#list.slice(start, this.#at);
  }

  rest(): Lexeme[] {
    return this.until(() => false);
  }
}
