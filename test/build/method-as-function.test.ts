import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { compileEagerly } from "../../build/compile-eagerly.ts";
import { ADD_METHODS } from "../../build/method-as-function.ts";

describe("compileEagerly rewrites a method as a function in parentheses:", () => {
  test.each([
    ["of an object", "a={m(x){return x}}", "a={m:(function(x){return x})}"],
    ["that is async", "a={async m(){}}", "a={m:(async function(){})}"],
    ["that is a generator", "a={async*m(){}}", "a={m:(async function*(){})}"],
    ["inside another", "a={m(){return{n(){}}}}", "a={m:(function(){return{n:(function(){})}})}"],
  ])("%s", (_, text, expected) => {
    expect(compileEagerly(text)).toBe(expected);
  });

  test.each([
    ["a class", "m(x){return x}", "addMethods(this.prototype,{m:(function(x){return x})})"],
    ["a class that is static", "static m(){}", "addMethods(this,{m:(function(){})})"],
  ])("a method of %s becomes a static block", (_, method, expected) => {
    expect(compileEagerly(`class A{${method}}`)).toBe(`${ADD_METHODS}class A{static{${expected}}}`);
  });

  test("leaves a method that ends at none of the given offsets", () => {
    const text = "a={m(){},n(){}}";
    expect(compileEagerly(text, new Set([text.indexOf(",n")]))).toBe("a={m:(function(){}),n(){}}");
  });
});

test.each([
  ["a method that uses super", "class A extends B{m(){return super.m()}}"],
  ["a private method", "class A{#m(){}}"],
  ["a constructor", "class A{constructor(){}}"],
  ["an accessor", "class A{get m(){return 1}set m(x){}};a={get m(){return 1},set m(x){}}"],
  ["a method with a computed name", "class A{[m](){}};a={[m](){}}"],
  ["a method whose name is a string", 'a={"m-n"(){}}'],
])("compileEagerly leaves %s as it is", (_, text) => {
  expect(compileEagerly(text)).toBe(text);
});

test("a script with rewritten methods computes the same, with the same names, and enumerates none of them", () => {
  const text = `"use strict";
    class Base { static of(n) { return new this(n); } constructor(n) { this.n = n; } twice() { return this.n * 2; } who() { return "base"; } }
    class Own extends Base { #secret = 3; twice() { return super.twice() + this.#secret; } who() { return "own" + this.hidden(); } hidden() { return this.#secret; } }
    const own = Own.of(4);
    const object = { *each() { yield 1; yield 2; }, async later() { return 1; } };
    const keys = []; for (const key in own) keys.push(key);
    result.push(own.twice(), own.who(), own.who.name, keys, [...object.each()], object.later.name,
      Object.getOwnPropertyNames(Own.prototype).sort(), own instanceof Base);`;
  const run = (script: string): string => {
    const result: unknown[] = [];
    runInNewContext(script, { result });
    return JSON.stringify(result);
  };
  expect(compileEagerly(text)).toContain("static{addMethods(");
  expect(run(compileEagerly(text))).toBe(run(text));
});
