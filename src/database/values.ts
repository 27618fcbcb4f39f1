/**
 * Values on their way in and out. D1 sends both as JSON, and that decides what survives:
 * there is no Infinity, no NaN, no minus zero, and no integer beyond 2^53.
 * @module
 */
import type { SQLOutputValue } from "node:sqlite";
import { failure } from "./refusal.ts";

/** What a parameter can be once `bind` has taken it. Numbers are bound as REAL. */
export type Bound = number | string | null | Uint8Array;

/** What `bind` makes of a value; what D1 does not take is refused in D1's words. */
export function bindable(value: unknown): Bound {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return finite(value);
    case "boolean":
      return value ? 1 : 0;
    case "object": {
      if (value === null) return null;
      if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value);
      if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
      if (ArrayBuffer.isView(value)) return bytesOf(value);
      break;
    }
    default:
  }
  const type = typeof value;
  // As D1 does it, a value that has no text (a symbol, an object without a prototype) throws its own TypeError here.
  throw failure("D1_TYPE_ERROR", `Type '${type}' not supported for value '${value as string}'`);
}

/** A value of SQLite as D1 hands it out: bytes as an array of numbers, integers as numbers. */
export function readable(value: SQLOutputValue): unknown {
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "number":
      return finite(value);
    case "object":
      return value === null ? null : Array.from(value);
    default:
      return value;
  }
}

function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < 256;
}

/** Element by element, not byte by byte: 300 in a Uint16Array is the byte 44, as in D1. */
function bytesOf(view: ArrayBufferView): Uint8Array {
  return Uint8Array.from(Array.from(view as Uint8Array));
}
