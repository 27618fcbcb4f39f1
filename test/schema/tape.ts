import { type Arbitrary, uint16Array } from "fast-check";

/**
 * The source of randomness: numbers read one by one, then zeros. Zero always makes the simplest choice. fast-check
 * shortens tapes and reduces numbers, and so simplifies an example.
 */
export class Tape {
  readonly #numbers: Uint16Array;
  #at = 0;

  constructor(numbers: Uint16Array) {
    this.#numbers = numbers;
  }

  next(): number {
    const number = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return number;
  }

  /** Returns one of these; the first is the simplest. */
  one<T>(...values: readonly [T, ...T[]]): T {
    return values[this.next() % values.length] ?? values[0];
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.next() % values.length];
    if (value === undefined) throw new Error("nothing to choose from");
    return value;
  }

  /** Returns `least` to `most` of these, each once, in random order. */
  some<T>(values: readonly T[], most: number, least = 0): T[] {
    const left = [...values];
    const bound = Math.min(most, left.length);
    const count = Math.min(least, bound) + (this.next() % (bound - Math.min(least, bound) + 1));
    return Array.from({ length: count }, () => left.splice(this.next() % left.length, 1)).flat();
  }

  shuffle<T>(values: readonly T[]): T[] {
    return this.some(values, values.length, values.length);
  }

  chance(likely = 0.5): boolean {
    return this.next() % 100 >= 100 - likely * 100;
  }
}

/** At most `most` numbers for a tape. */
export function anyNumbers(most: number, least = 0): Arbitrary<Uint16Array> {
  return uint16Array({ minLength: least, maxLength: most, size: "max" });
}
