/** @module Texts for people: they contain no invisible characters, and two equal-looking names are the same text. */
import { z } from "zod";
import { failWith } from "./input-problems.ts";

/** Characters that change the direction of a text, are invisible in it, or control a terminal. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Invisible characters that shape their neighbours, so they are allowed: between the parts of an emoji, after a character with two
 * presentations, and in scripts that join their letters. Between Latin letters they would only make a second `Acme`.
 */
const SHAPING =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\uFE0F|\uFE0F(?=\u20E3)|(?<=[\p{Script=Arabic}\p{Mn}])[\u200C\u200D]/gu;

/** At most `max` UTF-16 units. */
const unicode = (max: number): z.ZodString =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed(), failWith("not-unicode"));

const isVisible = (text: string): boolean => !INVISIBLE.test(text.replaceAll(SHAPING, ""));

/** One line, normalised: NFC, single plain spaces. */
export function singleLine(max: number): z.ZodType<string, string> {
  return unicode(max)
    .transform((text) =>
      text
        .normalize("NFC")
        .replaceAll(/\p{Zs}+/gu, " ")
        .trim(),
    )
    .refine((text) => text !== "", failWith("empty"))
    .refine(isVisible, failWith("unseen-characters"));
}

/** Any number of lines, unchanged. */
export function multiLine(max: number): z.ZodType<string, string> {
  return unicode(max)
    .refine((text) => text.trim() !== "", failWith("empty"))
    .refine((text) => isVisible(text.replaceAll(/[\n\r\t]/g, "")), failWith("unseen-characters"));
}
