import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";

const PARTS = globSync(join(import.meta.dirname, "../../dist/parts/*.cjs"));

const read = (path: string): string => readFileSync(path, "utf8");

describe("the parts of the built program", () => {
  test("export values, not functions that return them", () => {
    const text = PARTS.map(read).join("\n");
    expect(text).toMatch(/\bexports\.main=main\b/);
    expect(text).not.toContain('defineProperty(exports,"');
  });

  test.each(PARTS.map((path) => [basename(path), path]))(
    "%s gives no exported name another value after it is loaded",
    (_, path) => {
      const text = read(path);
      const exported = new Set(
        [...text.matchAll(/\bexports\.[\w$]+=([\w$]+)/g)].map(([, name]) => name),
      );
      const changed = assignedInFunctions(text).filter((name) => exported.has(name));
      expect(changed).toEqual([]);
    },
  );
});

/** The names that functions assign. Local names of functions are shorter than exported ones. */
function assignedInFunctions(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  const enter = (): void => void (depth += 1);
  const leave = (): void => void (depth -= 1);
  const assign = (target: { readonly type: string; readonly name?: unknown }): void => {
    if (depth > 0 && target.type === "Identifier" && typeof target.name === "string")
      names.push(target.name);
  };
  new Visitor({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
    AssignmentExpression: ({ left }) => assign(left),
    UpdateExpression: ({ argument }) => assign(argument),
  }).visit(parseSync("script.cjs", text, { sourceType: "script" }).program);
  return names;
}
