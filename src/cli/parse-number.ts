/** @module Parses the numbers of flags. */
import { InvalidArgumentError } from "commander";

/** The verb checks the range. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It has to be a number.");
}

/** Returns milliseconds for `200ms`, `1.5s` and `2m`. A number without a unit is in milliseconds. */
export function milliseconds(text: string): number {
  const [, number, unit = "ms"] = /^([\d.]+)\s*(ms|s|m)?$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (number === undefined || !Number.isFinite(value)) {
    throw new InvalidArgumentError("It has to be a time: 200ms, 1.5s or 2m.");
  }
  return value * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1);
}
