import { globSync, readFileSync } from "node:fs";
import { problems, sentencesOf } from "./check.ts";

/**
 * `npm run check:prose [-- FILE…]` checks what people read against the style in CONTRIBUTING.md. `-- --measure FILE…` counts
 * instead: sentences, words per sentence, and sentences of more than 35 words.
 */

const { files, pending }: { files: string[]; pending: string[] } = JSON.parse(
  readFileSync(new URL("../.textlintrc.json", import.meta.url), "utf8"),
);
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const paths = named.length > 0 ? named : globSync(files, { exclude: pending });

if (process.argv.includes("--measure")) {
  const counts: number[] = [];
  for (const path of paths) counts.push(...(await sentencesOf(path, readFileSync(path, "utf8"))));
  const words = counts.reduce((sum, count) => sum + count, 0);
  const long = counts.filter((count) => count > 35).length;
  const mean = (words / counts.length).toFixed(1);
  console.log(`${counts.length} sentences, ${words} words, ${mean} on average; ${long} over 35`);
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
