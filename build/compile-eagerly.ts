/** @module Marks the functions of a script, so that V8 compiles them when it loads the script. */
import { parseSync, Visitor } from "oxc-parser";

/** Replaces the text between two offsets. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The offsets in UTF-16 units at which functions end. */
export type Ends = ReadonlySet<number>;

/**
 * V8 compiles a function at its first call, unless the function is in parentheses (https://v8.dev/blog/preparser#pife). Node's compile
 * cache contains only what V8 compiled at load. So this puts every function in parentheses whose end is one of `ends`, or every one if
 * `ends` is absent. Such a function declaration of the script itself becomes a variable at the beginning. Methods, and declarations
 * inside other functions, stay as they are.
 * @throws Error if the text is not a script
 */
export function compileEagerly(text: string, ends?: Ends): string {
  const { program, errors } = parseSync("script.cjs", text, { sourceType: "script" });
  const [error] = errors;
  if (error !== undefined) throw new Error(`the script cannot be parsed: ${error.message}`);
  const edits: Edit[] = [];
  const methods = new Set<number>();
  const isCalled = ({ end }: { end: number }): boolean => ends?.has(end) ?? true;
  const inParentheses = ({ start, end }: { start: number; end: number }): void => {
    if (methods.has(start) || !isCalled({ end })) return;
    edits.push({ start, end: start, text: "(" }, { start: end, end, text: ")" });
  };
  new Visitor({
    MethodDefinition: ({ value }) => void methods.add(value.start),
    Property: ({ method, kind, value }) => {
      if (method || kind !== "init") methods.add(value.start);
    },
    FunctionExpression: inParentheses,
    ArrowFunctionExpression: inParentheses,
  }).visit(program);

  const declared = program.body.flatMap((node) =>
    node.type === "FunctionDeclaration" && isCalled(node) ? [node] : [],
  );
  for (const { id } of declared) {
    if (id !== null) edits.push({ start: id.start, end: id.end, text: "" });
  }
  edits.sort((a, b) => a.start - b.start);
  const edited = (start: number, end: number): string => apply(edits, text, start, end);

  const directives = program.body.filter((node) => "directive" in node);
  const begin = directives.at(-1)?.end ?? 0;
  let [at, rest] = [begin, ""];
  for (const { start, end } of declared) {
    rest += `${edited(at, start)};`;
    at = end;
  }
  const variables = declared.map(
    ({ id, start, end }) => `var ${id?.name}=(${edited(start, end)});`,
  );
  return `${text.slice(0, begin)}${variables.join("")}${rest}${edited(at, text.length)}`;
}

function apply(edits: readonly Edit[], text: string, from: number, to: number): string {
  let [at, result] = [from, ""];
  for (const { start, end, text: inserted } of edits) {
    if (start < from || end > to) continue;
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at, to);
}
