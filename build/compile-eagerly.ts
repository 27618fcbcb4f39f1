/** @module Marks the functions of a script, so that V8 compiles them when it loads the script. */
import { parseSync, type Program, Visitor } from "oxc-parser";
import { type Edit, edited, inOrder } from "./edits.ts";
import { ADD_METHODS, asFunction, type Method } from "./method-as-function.ts";

/** The offsets in UTF-16 units at which functions end. */
export type Ends = ReadonlySet<number>;

/**
 * V8 compiles a function at its first call, unless the function is in parentheses (https://v8.dev/blog/preparser#pife). Node's compile
 * cache contains only what V8 compiled at load. So this puts every function in parentheses whose end is one of `ends`, or every one if
 * `ends` is absent. Such a function declaration of the script itself becomes a variable at the beginning, and such a method a function.
 * Other declarations stay as they are, as do constructors, accessors, and methods that use `super` or have no plain name.
 * @throws Error if the text is not a script
 */
export function compileEagerly(text: string, ends?: Ends): string {
  const { program, errors } = parseSync("script.cjs", text, { sourceType: "script" });
  const [error] = errors;
  if (error !== undefined) throw new Error(`the script cannot be parsed: ${error.message}`);
  const isCalled: IsCalled = ({ end }) => ends?.has(end) ?? true;
  const { edits, addsMethods } = expressionEdits(program, isCalled);
  const declared = program.body.flatMap((node) =>
    node.type === "FunctionDeclaration" && isCalled(node) ? [node] : [],
  );
  for (const { id } of declared) {
    if (id !== null) edits.push({ start: id.start, end: id.end, text: "" });
  }
  const ordered = inOrder(edits);
  const part = (start: number, end: number): string => edited(ordered, text, start, end);

  const directives = program.body.filter((node) => "directive" in node);
  const begin = directives.at(-1)?.end ?? 0;
  let [at, rest] = [begin, ""];
  for (const { start, end } of declared) {
    rest += `${part(at, start)};`;
    at = end;
  }
  const variables = declared.map(({ id, start, end }) => `var ${id?.name}=(${part(start, end)});`);
  const beginning = `${text.slice(0, begin)}${addsMethods ? ADD_METHODS : ""}`;
  return `${beginning}${variables.join("")}${rest}${part(at, text.length)}`;
}

type IsCalled = (node: { readonly end: number }) => boolean;

/** The edits of all functions but declarations. `addsMethods`: they need {@link ADD_METHODS}. */
function expressionEdits(
  program: Program,
  isCalled: IsCalled,
): { readonly edits: Edit[]; readonly addsMethods: boolean } {
  const edits: Edit[] = [];
  /** Where the functions of methods and accessors start, which are no expressions. */
  const methods = new Set<number>();
  const supers: number[] = [];
  let addsMethods = false;
  const inParentheses = ({ start, end }: { start: number; end: number }): void => {
    if (methods.has(start) || !isCalled({ end })) return;
    edits.push({ start, end: start, text: "(" }, { start: end, end, text: ")" });
  };
  const rewrite = (method: Method): void => {
    const { start, end } = method.value;
    if (!isCalled(method.value) || supers.some((at) => start < at && at < end)) return;
    const rewritten = asFunction(method);
    if (rewritten === null) return;
    edits.push(...rewritten);
    addsMethods ||= method.owner !== null;
  };
  new Visitor({
    Super: ({ start }) => void supers.push(start),
    MethodDefinition: ({ value }) => void methods.add(value.start),
    Property: ({ method, kind, value }) => {
      if (method || kind !== "init") methods.add(value.start);
    },
    FunctionExpression: inParentheses,
    ArrowFunctionExpression: inParentheses,
    // On exit, every `super` inside is known.
    "Property:exit"(property) {
      const { method, value } = property;
      if (method && value.type === "FunctionExpression")
        rewrite({ ...property, value, owner: null });
    },
    "MethodDefinition:exit"(method) {
      if (method.kind !== "method") return;
      rewrite({ ...method, owner: method.static ? "class" : "prototype" });
    },
  }).visit(program);
  return { edits, addsMethods };
}
