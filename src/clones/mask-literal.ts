/** @module Masks one value of a row, which is a SQL literal. */
import { jsonPathOf } from "./json-path.ts";
import { maskJson, type PathMask, stringOf } from "./mask-json.ts";
import type { ColumnMask, MaskKind } from "./masks.ts";
import type { Masker } from "./mask-value.ts";
import { bytesOfHex } from "../snapshots/store/bytes.ts";
import { hexIn, literalOfText, textOfLiteral } from "../snapshots/rows/literal.ts";

/** What masking finds, for the report and for the search of what is left. */
export interface MaskNews {
  /** A value was replaced. */
  readonly onMasked: (original: string, masked: string, kind: MaskKind) => void;
  /** A value with masks for paths is not JSON text. It was masked as a whole. */
  readonly onNotJson: () => void;
  /** A value of JSON has none of the paths that have masks. It was copied as it is. */
  readonly onUnmatched: () => void;
}

export type MaskLiteral = (literal: string, news: MaskNews) => string;

/** NULL stays NULL, and an empty value stays empty. A value keeps its type, unless it is removed. */
export function literalMask(mask: ColumnMask, masker: Masker): MaskLiteral {
  if (typeof mask === "string") return (literal, news) => masked(literal, mask, masker, news);
  const paths = Object.entries(mask).flatMap(([path, kind]): PathMask[] => {
    const steps = jsonPathOf(path);
    return steps === null ? [] : [{ path: steps, kind }];
  });
  return (literal, news) => maskedJson(literal, paths, masker, news);
}

function masked(literal: string, kind: MaskKind, masker: Masker, news: MaskNews): string {
  if (kind === "keep" || literal === "NULL") return literal;
  const text = textOfLiteral(literal);
  const replace = (): string => {
    if (kind === "null") return "NULL";
    if (text !== null) return literalOfText(masker.text(kind, text));
    if (literal.startsWith("X'")) return `X'${masker.blob(literal.slice(2, -1))}'`;
    if (literal.startsWith("CAST(")) return literalOfText(masker.text(kind, literal));
    return masker.number(kind, literal);
  };
  const result = replace();
  if (result !== literal) news.onMasked(text ?? literal, plainText(result) ?? "NULL", kind);
  return result;
}

function maskedJson(
  literal: string,
  paths: readonly PathMask[],
  masker: Masker,
  news: MaskNews,
): string {
  if (literal === "NULL" || literal === "''" || literal === "X''") return literal;
  const text = textOfLiteral(literal);
  const result =
    text === null
      ? null
      : maskJson(text, paths, (kind, json) => maskedLeaf(json, kind, masker, news));
  if (result !== null) {
    if (result.isUnmatched) news.onUnmatched();
    return result.text === text ? literal : literalOfText(result.text);
  }
  news.onNotJson();
  return masked(literal, "text", masker, news);
}

function maskedLeaf(json: string, kind: MaskKind, masker: Masker, news: MaskNews): string {
  if (kind === "keep") return json;
  const text = json.startsWith('"') ? stringOf(json) : null;
  const replace = (): string => {
    if (kind === "null") return "null";
    return text === null ? masker.number(kind, json) : JSON.stringify(masker.text(kind, text));
  };
  const result = replace();
  const plain = result.startsWith('"') ? stringOf(result) : result;
  if (result !== json) news.onMasked(text ?? json, plain, kind);
  return result;
}

/** What a person could read in a value: a text, a number, or the bytes of a blob as UTF-8. Null for NULL. */
export function plainText(literal: string): string | null {
  if (literal === "NULL") return null;
  const text = textOfLiteral(literal);
  if (text !== null) return text;
  const hex = hexIn(literal);
  return hex === null ? literal : new TextDecoder().decode(bytesOfHex(hex));
}
