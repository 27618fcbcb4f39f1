import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { TextlintKernel } from "@textlint/kernel";
import type {
  TextlintKernelRule,
  TextlintMessage,
  TextlintPluginCreator,
  TextlintPluginProcessor,
} from "@textlint/kernel";
import { parse } from "@textlint/markdown-to-ast";
import { collect, phrases, sentenceWords } from "./rules.ts";
import { testNameProblems } from "./test-names.ts";
import { tree } from "./typescript.ts";

const { rules }: { rules: Record<string, Record<string, unknown>> } = JSON.parse(
  readFileSync(new URL("../.textlintrc.json", import.meta.url), "utf8"),
);
const kernel = new TextlintKernel();

const plugin: TextlintPluginCreator = {
  Processor: class {
    availableExtensions(): string[] {
      return [".js", ".md", ".ts", ".tsx"];
    }
    processor(extension: string): ReturnType<TextlintPluginProcessor["processor"]> {
      return {
        preProcess: (text, path = "") => (extension === ".md" ? parse(text) : tree(text, path)),
        postProcess: (messages, filePath = "") => ({ messages, filePath }),
      };
    }
  },
};

async function run(
  filePath: string,
  text: string,
  kept: TextlintKernelRule[],
): Promise<TextlintMessage[]> {
  const plugins = [{ pluginId: "prose", plugin }];
  const ext = extname(filePath);
  return (await kernel.lintText(text, { ext, filePath, plugins, rules: kept })).messages;
}

/** What is wrong with a Markdown page or a TypeScript source, as `path:line:column message`. */
export async function problems(path: string, text: string): Promise<string[]> {
  const messages = await run(path, text, [
    { ruleId: "sentence-words", rule: sentenceWords, options: rules["sentence-words"] ?? {} },
    { ruleId: "phrases", rule: phrases, options: rules["phrases"] ?? {} },
  ]);
  const found = messages.map(({ line, column, message }) => `${path}:${line}:${column} ${message}`);
  return path.startsWith("test/") ? [...found, ...testNameProblems(path, text)] : found;
}

interface Sentence {
  readonly words: number;
  readonly inTable: boolean;
}

/** The sentences, counted as the rule counts them. */
export async function sentencesOf(path: string, text: string): Promise<Sentence[]> {
  const found: Sentence[] = [];
  const rule = collect((words, inTable) => found.push({ words, inTable }));
  await run(path, text, [{ ruleId: "collect", rule }]);
  return found;
}
