/**
 * Reading a definition from left to right.
 * @module
 */
import { closing, contents, isSign, isWord, type Lexeme } from "./lexemes.ts";

/** A place in a list of lexemes. Each method that finds what it looks for moves past it. */
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

  /** Whether these words come next, one after the other. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, ahead) => isWord(this.peek(ahead), word));
  }

  /** Takes these words, all or none. */
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

  /** A name without its quotes; empty where there is none. SQLite takes a string for one, too. */
  name(): string {
    const lexeme = this.peek();
    const isName = lexeme && ["word", "quoted", "string"].includes(lexeme.kind);
    return isName && this.next() ? contents(lexeme) : "";
  }

  /** `main.users`: what stands after the last dot. */
  qualifiedName(): string {
    const name = this.name();
    return this.sign(".") ? this.qualifiedName() : name;
  }

  /** What the parentheses hold; null where there are none. */
  group(): Lexeme[] | null {
    if (!isSign(this.peek(), "(")) return null;
    const close = closing(this.#list, this.#at);
    const inner = this.#list.slice(this.#at + 1, close);
    this.#at = close + 1;
    return inner;
  }

  /** All up to the first lexeme, outside of parentheses, of which `stop` is true. */
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
