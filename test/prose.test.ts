import { describe, expect, test } from "vitest";
import { problems, sentencesOf } from "../lint/check.ts";

const counts = async (path: string, text: string): Promise<number[]> =>
  (await sentencesOf(path, text)).map(({ words }) => words);

/** A phrase that the style replaces, in two parts, because the linter reads this file too. */
const PHRASE = ["is", "told"].join(" ");

const longer = (words: number): string => `${"word ".repeat(words - 1)}end.`;

describe("a page", () => {
  test("fails on a sentence of 40 words and passes one of 35", async () => {
    expect(await problems("page.md", `# Title\n\nShort. ${longer(40)}\n`)).toEqual([
      "page.md:3:8 40 words in a sentence; at most 35",
    ]);
    expect(await problems("page.md", longer(35))).toEqual([]);
  });

  test("reads each item of a list and each cell of a table on its own", async () => {
    const item = longer(20);
    const page = `- ${item}\n- ${item}\n\n| a | b |\n|---|---|\n| ${item} | ${item} |\n`;
    expect(await counts("page.md", page)).toEqual([20, 20, 1, 1, 20, 20]);
    expect(await problems("page.md", `| a |\n|---|\n| ${longer(36)} |\n`)).toHaveLength(1);
  });

  test("counts a code span as one word, a link by its text, and no block of code", async () => {
    const page = `Run \`npx d1ops x. Y\` and read [two words](docs/a.b?c). Then stop.\n\n\`\`\`sh\n${longer(50)}\n\`\`\`\n`;
    expect(await counts("page.md", page)).toEqual([6, 2]);
  });

  test("fails on a phrase that the style replaces, also across two lines", async () => {
    expect(await problems("page.md", "The user is\ntold so.")).toEqual([
      `page.md:1:1 "${PHRASE}": name who reports what`,
    ]);
  });
});

describe("a TypeScript source", () => {
  test("fails on a message of 40 words, at its line", async () => {
    const source = `const a = 1;\nconst b = "${longer(40)}";\nconst c = \`\${a} ${longer(39)}\`;\n`;
    expect(await problems("a.ts", source)).toEqual([
      "a.ts:2:12 40 words in a sentence; at most 35",
      "a.ts:3:12 40 words in a sentence; at most 35",
    ]);
  });

  test("reads adjacent line comments as one text, and the paragraphs of a docstring separately", async () => {
    const lines = `// ${"word ".repeat(20)}\n// ${longer(20)}\n`;
    expect(await problems("a.ts", lines)).toEqual(["a.ts:1:4 40 words in a sentence; at most 35"]);
    const docstring = `/**\n * ${"word ".repeat(20)}\n *\n * ${"word ".repeat(20)}\n * @throws ${longer(20)}\n */\n`;
    expect(await counts("a.ts", docstring)).toEqual([20, 20, 21]);
  });

  test("skips SQL, programs, lists of keywords, style sheets and short strings", async () => {
    const keywords = "SELECTED ".repeat(50);
    const source = `const a = ["SELECT ${longer(50)}", "-- a comment\\nSELECT ${longer(50)}", "import a from b; ${longer(50)}", "${PHRASE}", \`INSERT ${longer(50)}\`, "${keywords}", ":root { ${longer(50)} }"];`;
    expect(await problems("a.ts", source)).toEqual([]);
  });

  test("skips styles and lists of keywords, and reads the columns of a text separately", async () => {
    const columns = `  0 ${longer(30)}    4 ${longer(30)}`;
    const source = `const a = [":root {} ${longer(50)}", "${"ADD ".repeat(50)}", "${columns}"];`;
    expect(await problems("a.ts", source)).toEqual([]);
  });
});

describe("the name of a test", () => {
  const problemsOf = async (name: string): Promise<string[]> =>
    problems(
      "test/a.test.ts",
      `\ntest.each<[string]>([["a"]])(${JSON.stringify(name)}, () => {});\n`,
    );

  test("fails if it continues the name of its describe, or has fewer than three words", async () => {
    expect(await problemsOf("if the file is missing")).toEqual([
      'test/a.test.ts:2 the name of a test begins with "if"',
    ]);
    expect(await problemsOf("an export")).toEqual([
      "test/a.test.ts:2 the name of a test has fewer than 3 words",
    ]);
  });

  test("passes if it is a claim, or if its table contains the claim", async () => {
    expect(await problemsOf("rolls back the file")).toEqual([]);
    expect(await problemsOf("%s")).toEqual([]);
  });
});
