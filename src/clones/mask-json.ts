/** @module Masks values inside JSON. All other characters of the text stay. */
import { isWithin, type JsonPath } from "./json-path.ts";
import type { MaskKind } from "./masks.ts";

export interface PathMask {
  readonly path: JsonPath;
  readonly kind: MaskKind;
}

/** `json`: a string in quotes or a number. Returns JSON, too. */
export type MaskLeaf = (kind: MaskKind, json: string) => string;

interface Container {
  /** Null: an object whose next string is a key. */
  place: string | number | null;
  readonly isObject: boolean;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]|\s+/gy;

export interface MaskedJson {
  readonly text: string;
  /** It has strings or numbers, and no path of a mask leads to a value in it: the JSON has another shape than the masks expect. */
  readonly isUnmatched: boolean;
}

/**
 * The mask with the longest path decides. A mask of an object or an array is one of all strings and numbers in it; keys stay.
 * Null if the text is not JSON.
 */
export function maskJson(
  text: string,
  masks: readonly PathMask[],
  maskLeaf: MaskLeaf,
): MaskedJson | null {
  if (!isJson(text)) return null;
  const longestFirst = masks.toSorted((a, b) => b.path.length - a.path.length);
  const stack: Container[] = [];
  let hasLeaves = false;
  let isMatched = false;
  const maskHere = (): PathMask | undefined => {
    const place = stack.map((one) => one.place ?? "");
    const mask = longestFirst.find(({ path }) => isWithin(place, path));
    isMatched ||= mask !== undefined;
    return mask;
  };
  const leaf = (token: string): string => {
    hasLeaves = true;
    const mask = maskHere();
    return mask === undefined ? token : maskLeaf(mask.kind, token);
  };
  let masked = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const top = stack.at(-1);
    // A path may lead to null, or to a list without values.
    if (!isMatched && /^[{[tfn]/.test(token)) maskHere();
    if (token === "{") stack.push({ place: null, isObject: true });
    else if (token === "[") stack.push({ place: 0, isObject: false });
    else if (token === "}" || token === "]") stack.pop();
    else if (token === "," && top !== undefined) {
      top.place = top.isObject ? null : Number(top.place) + 1;
    } else if (token.startsWith('"') && top?.place === null) top.place = stringOf(token);
    else if (/^["\d-]/.test(token)) {
      masked += leaf(token);
      continue;
    }
    masked += token;
  }
  return { text: masked, isUnmatched: hasLeaves && !isMatched };
}

export function stringOf(json: string): string {
  return String(JSON.parse(json));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
