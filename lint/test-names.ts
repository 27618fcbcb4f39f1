import { parseSync, Visitor } from "oxc-parser";
import { words } from "./rules.ts";

/** A name that begins so continues the name of its `describe`, and cannot be read alone. */
const CONTINUES =
  /^(?:also|and|as|at|because|but|except|for|if|in|of|on|or|that|to|when|while|with|without)\b/i;

/** `%s`, `$name` and `${name}` are replaced by a text of any length. */
const PLACEHOLDER = /%[a-z]|\$\{|\$[a-z]/;

/** True for `test`, `it`, `test.each(…)` and the like. */
function isTest(source: string): boolean {
  return /^(?:test|it)(?:\.(?:concurrent|each|for|only|runIf|skip|skipIf)\b[\s\S]*)?$/.test(source);
}

/** The names of tests that are not full claims, as `path:line message`. */
export function testNameProblems(path: string, source: string): string[] {
  const found: string[] = [];
  new Visitor({
    CallExpression({ callee, arguments: [name] }) {
      const isText =
        name?.type === "TemplateLiteral" ||
        (name?.type === "Literal" && typeof name.value === "string");
      if (!isText || !isTest(source.slice(callee.start, callee.end))) return;
      const text = source.slice(name.start + 1, name.end - 1);
      const line = source.slice(0, name.start).split("\n").length;
      if (CONTINUES.test(text)) {
        found.push(`${path}:${line} the name of a test begins with "${text.split(" ")[0]}"`);
      }
      if (words(text) < 3 && !PLACEHOLDER.test(text)) {
        found.push(`${path}:${line} the name of a test has fewer than 3 words`);
      }
    },
  }).visit(parseSync(path, source).program);
  return found;
}
