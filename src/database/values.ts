/**
 * Converts values from and to JavaScript. D1 sends them as JSON, so Infinity, NaN, minus zero and integers beyond
 * 2^53 do not survive.
 * @module
 */
import { d1Error } from "./d1-error.ts";

/** A parameter after `bind`. Numbers are bound as REAL. */
export type Bound = number | string | null | Uint8Array;

/** A value that `node:sqlite` reads. node's own type would make users of the library need `@types/node`. */
type Read = number | bigint | string | null | Uint8Array;

/** The parameter for a value. @throws D1Failure with D1's message if D1 does not accept the value */
export function bindable(value: unknown): Bound {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return finite(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  throw unsupported(value);
}

/** A value of SQLite as D1 returns it: bytes as an array of numbers, integers as numbers. */
export function readable(value: Read): number | string | number[] | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return finite(value);
  return Array.from(value);
}

function unsupported(value: unknown): Error {
  const message = `Type '${typeof value}' not supported for value '${String(value)}'`;
  return d1Error("D1_TYPE_ERROR", message);
}

function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < 256;
}

/** Converts by element, not by byte: 300 in a Uint16Array is the byte 44, as in D1. A DataView has no elements. */
function bytesOf(view: ArrayBufferView): Uint8Array {
  const elements = isIterable(view) ? Array.from(view, Number) : [];
  if (!elements.every(Number.isFinite)) throw unsupported(view);
  return Uint8Array.from(elements);
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}
