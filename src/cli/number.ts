/**
 * Flags that are numbers.
 * @module
 */
import { InvalidArgumentError } from "commander";

/** Zero or more; `200ms` and `1.5s` are milliseconds where `unit` is. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError("It has to be a number, zero or more.");
  }
  return value;
}

export function milliseconds(text: string): number {
  const [, number = "", unit = "ms"] = /^([\d.]+)\s*(ms|s|m)?$/.exec(text.trim()) ?? [];
  const factor = { ms: 1, s: 1000, m: 60_000 }[unit] ?? 1;
  return amount(number) * factor;
}
