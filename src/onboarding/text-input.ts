/**
 * Texts that people read: nothing in them hides, and the same name is the same text.
 * @module
 */
import { z } from "zod";
import { failWith } from "./input-problems.ts";

/** What turns the direction of a text, hides in it, or rings a bell. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Where a character that cannot be seen shapes those beside it: between the parts of an emoji, after one that has two looks, and
 * in scripts that join their letters. Between two letters of Latin it would only tell `Acme` from `Acme`.
 */
const SHAPING =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\uFE0F|\uFE0F(?=\u20E3)|(?<=[\p{Script=Arabic}\p{Mn}])[\u200C\u200D]/gu;

const isUnicode = (text: string): boolean => text.isWellFormed();

const isSeen = (text: string): boolean => !UNSEEN.test(text.replaceAll(SHAPING, ""));

/** One line, composed (NFC), its blanks plain and single. `most` UTF-16 units. */
export function singleLine(most: number): z.ZodType<string, string> {
  return z
    .string()
    .max(most)
    .refine(isUnicode, failWith("not-unicode"))
    .transform((text) =>
      text
        .normalize("NFC")
        .replaceAll(/\p{Zs}+/gu, " ")
        .trim(),
    )
    .refine((text) => text !== "", failWith("empty"))
    .refine(isSeen, failWith("unseen-characters"));
}

/** Any number of lines, as they are. `most` UTF-16 units. */
export function multiLine(most: number): z.ZodType<string, string> {
  return z
    .string()
    .max(most)
    .refine(isUnicode, failWith("not-unicode"))
    .refine((text) => text.trim() !== "", failWith("empty"))
    .refine((text) => isSeen(text.replaceAll(/[\n\r\t]/g, "")), failWith("unseen-characters"));
}
