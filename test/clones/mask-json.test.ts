import { assert, json, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonPathOf } from "../../src/clones/json-path.ts";
import { maskJson, type PathMask } from "../../src/clones/mask-json.ts";
import type { MaskKind } from "../../src/clones/masks.ts";

const at = (path: string, kind: MaskKind = "text"): PathMask => {
  const steps = jsonPathOf(path);
  if (steps === null) throw new Error(path);
  return { path: steps, kind };
};
const X = (): string => '"X"';

describe("masks inside JSON", () => {
  test.each([
    [
      '{"contact": {"email":"a", "n":1.50}, "z":"e\\u0301"}',
      "$.contact.email",
      '{"contact": {"email":"X", "n":1.50}, "z":"e\\u0301"}',
    ],
    ['{"contact": {"email":"a", "n":1.50}}', "$.contact", '{"contact": {"email":"X", "n":"X"}}'],
    ['[ "a" , ["b", {"c":"d"}], null, true ]', "$[*]", '[ "X" , ["X", {"c":"X"}], null, true ]'],
    ['[["a","b"],["c","d"]]', "$[*][1]", '[["a","X"],["c","X"]]'],
    ['{"a":"b","a":"c","\\u0061":"d"}', "$.a", '{"a":"X","a":"X","\\u0061":"X"}'],
    ['{"a key":{"x":"y"},"a":"b"}', '$."a key".*', '{"a key":{"x":"X"},"a":"b"}'],
    ['"alone"', "$", '"X"'],
    ["{}", "$.a", "{}"],
  ])("change only the values of %s that are at %s", (text, path, masked) => {
    expect(maskJson(text, [at(path)], X)?.text).toBe(masked);
  });

  test.each([
    ['{"mail":"a"}', true],
    ['[{"contact":{"email":"a"}}]', true],
    ['"{\\"contact\\":1}"', true],
    ["7", true],
    ['{"contact":{"tel":"b"}}', true],
    ['{"contact":{"email":"a"},"mail":"b"}', false],
    ['{"contact":{"email":null},"mail":"b"}', false],
    ['{"contact":{"email":[]},"mail":"b"}', false],
    ["{}", false],
    ["null", false],
  ])("%s has none of the paths: %s", (text, isUnmatched) => {
    const masks = [at("$.contact.email"), at("$.tags[*]")];
    expect(maskJson(text, masks, X)).toMatchObject({ isUnmatched });
    expect(maskJson(text, [...masks, at("$", "keep")], X)).toMatchObject({ isUnmatched: false });
  });

  test("prefer the longest path", () => {
    const kinds: MaskKind[] = [];
    const masks = [at("$", "text"), at("$.id", "keep")];
    maskJson('{"id":"1","b":"2"}', masks, (kind, one) => {
      kinds.push(kind);
      return one;
    });
    expect(kinds).toEqual(["keep", "text"]);
  });

  test.each(["", "no", "{a:1}", "[1,]", "'a'"])("do not apply to %j, which is not JSON", (text) => {
    expect(maskJson(text, [at("$")], X)).toBeNull();
  });

  test("keep every other byte of any JSON", () => {
    assert(
      property(json(), (text) => {
        expect(maskJson(text, [at("$")], (_, one) => one)?.text).toBe(text);
        expect(maskJson(text, [], X)?.text).toBe(text);
      }),
    );
  });

  test.each(["a", "$a", "$.", "$[", "$[x]", "$.a[", '$."a', "$..a"])("%s is no path", (text) => {
    expect(jsonPathOf(text)).toBeNull();
  });
});
