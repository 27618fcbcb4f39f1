import { type Arbitrary, uint16Array } from "fast-check";

/**
 * Where chance comes from: numbers that are read one by one, and zeros when they are used up. Zero always makes the
 * simplest choice, so that fast-check, which makes tapes shorter and numbers smaller, makes an example simpler.
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

  /** One of these; the first is the simplest. */
  one<T>(...values: readonly [T, ...T[]]): T {
    return values[this.next() % values.length] ?? values[0];
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.next() % values.length];
    if (value === undefined) throw new Error("nothing to choose from");
    return value;
  }

  /** From `least` to `most` of these, each once, in any order. */
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

/** Numbers for a tape: as many as `most`, or fewer. */
export function anyNumbers(most: number, least = 0): Arbitrary<Uint16Array> {
  return uint16Array({ minLength: least, maxLength: most, size: "max" });
}
