/**
 * Values on their way in and out. D1 sends both as JSON, and that decides what survives:
 * there is no Infinity, no NaN, no minus zero, and no integer beyond 2^53.
 * @module
 */
import { failure } from "./d1-error.ts";

/** What a parameter can be once `bind` has taken it. Numbers are bound as REAL. */
export type Bound = number | string | null | Uint8Array;

/** What `node:sqlite` reads. Its own type would make users of the library need `@types/node`. */
type Read = number | bigint | string | null | Uint8Array;

/** What `bind` makes of a value; what D1 does not take is refused in D1's words. */
export function bindable(value: unknown): Bound {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return finite(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  throw unsupported(value);
}

/** A value of SQLite as D1 hands it out: bytes as an array of numbers, integers as numbers. */
export function readable(value: Read): number | string | number[] | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return finite(value);
  return Array.from(value);
}

function unsupported(value: unknown): Error {
  return failure(
    "D1_TYPE_ERROR",
    `Type '${typeof value}' not supported for value '${String(value)}'`,
  );
}

function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < 256;
}

/** Element by element, not byte by byte: 300 in a Uint16Array is the byte 44, as in D1. A DataView has no elements. */
function bytesOf(view: ArrayBufferView): Uint8Array {
  const elements = isIterable(view) ? Array.from(view, Number) : [];
  if (!elements.every(Number.isFinite)) throw unsupported(view);
  return Uint8Array.from(elements);
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}
