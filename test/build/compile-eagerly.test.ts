import { describe, expect, test } from "vitest";
import { runInNewContext } from "node:vm";
import { compileEagerly } from "../../build/compile-eagerly.ts";

describe("puts functions in parentheses, so that V8 compiles them at load", () => {
  test.each([
    ["an arrow function", "const a=x=>x+1;", "const a=(x=>x+1);"],
    ["a nested function", "f(()=>()=>1);", "f((()=>(()=>1)));"],
    ["a function expression", "g=async function*n(){};", "g=(async function*n(){});"],
  ])("%s", (_, text, marked) => {
    expect(compileEagerly(text)).toBe(marked);
  });

  test("a declaration of the script becomes a variable at the beginning", () => {
    expect(compileEagerly("a();function a(){return ()=>1}a();")).toBe(
      "var a=(function (){return (()=>1)});a();;a();",
    );
  });
});

test("keeps directives first, so that a strict script stays strict", () => {
  expect(compileEagerly('"use strict";a();function a(){}')).toBe(
    '"use strict";var a=(function (){});a();;',
  );
});

test("marks only the functions that end at the given offsets, and leaves other declarations where they are", () => {
  const text = "const a=()=>1,b=()=>2;function c(){}function d(){}";
  const ends = ["()=>2", "function c(){}"].map((one) => text.indexOf(one) + one.length);
  expect(compileEagerly(text, new Set(ends))).toBe(
    "var c=(function (){});const a=()=>1,b=(()=>2);;function d(){}",
  );
});

test("leaves constructors and inner declarations as they are", () => {
  const text = "class A{constructor(){function i(){}}}";
  expect(compileEagerly(text)).toBe(text);
});

test("the marked script computes the same, keeps function names, and may assign to a declaration", () => {
  const text = `result = [early(), early.name];
    function early() { return inner() + [1, 2].map((n) => n * 2).join(""); function inner() { return "x"; } }
    function replaced() { replaced = () => "second"; return "first"; }
    result.push(replaced(), replaced(), (async () => {}).constructor.name);`;
  const run = (script: string): unknown => runInNewContext(`${script};result`, { result: null });
  expect(run(compileEagerly(text))).toEqual(["x24", "early", "first", "second", "AsyncFunction"]);
  expect(run(compileEagerly(text))).toEqual(run(text));
});

test("throws for a text that is not JavaScript", () => {
  expect(() => compileEagerly("function (")).toThrow("the script cannot be parsed");
});
