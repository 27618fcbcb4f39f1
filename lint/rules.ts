import type { TextlintRuleModule } from "@textlint/kernel";
import { splitAST } from "sentence-splitter";

type Paragraph = Parameters<typeof splitAST>[0];
type Node = Paragraph["children"][number] | ReturnType<typeof splitAST>["children"][number];

/** What a reader sees of a node: the text of a link, and one word for a code span. */
function visible(node: Node): string {
  if (node.type === "Code") return "code";
  if (node.type === "Html") return " ";
  if ("children" in node) return node.children.map(visible).join("");
  return "value" in node ? node.value : "";
}

/** The number of words. A dash, a slash or a middle dot alone is not a word. */
export const words = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** The sentences of a paragraph, each with its offset there. */
const sentences = (paragraph: Paragraph): { text: string; words: number; index: number }[] =>
  splitAST(paragraph)
    .children.filter((node) => node.type === "Sentence")
    .map((node) => ({ text: visible(node), index: node.range[0] - paragraph.range[0] }))
    .map((sentence) => ({ ...sentence, words: words(sentence.text) }))
    .filter((sentence) => sentence.words > 0);

/** A paragraph, an item of a list and a cell of a table are read on their own. Headings and blocks of code are not read. */
const each = (
  read: (paragraph: Paragraph, inTable: boolean) => void,
): Record<string, (node: Paragraph) => void> => ({
  Paragraph: (node) => read(node, false),
  TableCell: (node) => read(node, true),
});

/** Rejects a sentence of more than `max` words. */
export const sentenceWords: TextlintRuleModule = ({ RuleError, report }, options) => {
  const max = Number(options?.["max"]);
  return each((paragraph) => {
    for (const { words: count, index } of sentences(paragraph)) {
      if (count <= max) continue;
      report(paragraph, new RuleError(`${count} words in a sentence; at most ${max}`, { index }));
    }
  });
};

/** Rejects phrases that our style replaces. The options are patterns, each with what to write instead. */
export const phrases: TextlintRuleModule = ({ RuleError, report }, options = {}) => {
  const patterns = Object.entries(options).map(([pattern, advice]) => ({
    pattern: new RegExp(`\\b${pattern}\\b`, "i"),
    advice: String(advice),
  }));
  return each((paragraph) => {
    for (const { text, index } of sentences(paragraph)) {
      for (const { pattern, advice } of patterns) {
        const [found] = pattern.exec(text.replace(/\s+/g, " ")) ?? [];
        if (found) report(paragraph, new RuleError(`"${found}": ${advice}`, { index }));
      }
    }
  });
};

/** Rejects nothing: it hands the words of each sentence to `keep`, and whether the sentence is in the cell of a table. */
export const collect =
  (keep: (words: number, inTable: boolean) => void): TextlintRuleModule =>
  () =>
    each((paragraph, inTable) => {
      for (const sentence of sentences(paragraph)) keep(sentence.words, inTable);
    });
