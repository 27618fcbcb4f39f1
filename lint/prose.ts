import { globSync, readFileSync } from "node:fs";
import { problems, sentencesOf } from "./check.ts";

/**
 * `npm run check:prose [-- FILE…]` checks what people read against the style in CONTRIBUTING.md. `-- --measure FILE…` counts
 * sentences instead, and the average number of words outside of tables, whose cells are short.
 */

const { files }: { files: string[] } = JSON.parse(
  readFileSync(new URL("../.textlintrc.json", import.meta.url), "utf8"),
);
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const paths = named.length > 0 ? named : globSync(files);

if (process.argv.includes("--measure")) {
  const found: Awaited<ReturnType<typeof sentencesOf>> = [];
  for (const path of paths) found.push(...(await sentencesOf(path, readFileSync(path, "utf8"))));
  const text = found.filter(({ inTable }) => !inTable);
  const words = text.reduce((sum, sentence) => sum + sentence.words, 0);
  const long = found.filter((sentence) => sentence.words > 35).length;
  const mean = (words / text.length).toFixed(1);
  console.log(`${found.length} sentences, ${long} of more than 35 words`);
  console.log(`${text.length} outside of tables, of ${mean} words on average`);
} else {
  let found = 0;
  for (const path of paths.sort()) {
    for (const problem of await problems(path, readFileSync(path, "utf8"))) {
      console.error(problem);
      found += 1;
    }
  }
  if (found > 0) {
    console.error(`${found} problems in ${paths.length} files. The style: CONTRIBUTING.md`);
    process.exitCode = 1;
  }
}
