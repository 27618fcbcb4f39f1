import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { LeakSearch } from "../../src/clones/leak-search.ts";

function searchFor(...originals: readonly string[]): LeakSearch {
  const search = new LeakSearch();
  for (const original of originals) search.add(original, "email");
  return search;
}

describe("the search for originals", () => {
  test.each([
    ["ada@corp.example", "new address: ADA@corp.example.", true],
    ["ada@corp.example", "nada@corp.example", false],
    ["ada@corp.example", "ada@corp.examples", false],
    ["+447700900123", '{"phone":"+447700900123"}', true],
    ["Martin", "Martinique", false],
    ["Martin", "Martin", true],
    ["Ada", "Ada", false],
    ["Ada Byron", "Ada  Byron", false],
    ["Renée Zoë", String.raw`{"name":"Ren\u00e9e Zo\u00EB"}`, true],
    ['Jo "Joe" Doe', String.raw`{"name":"Jo \"Joe\" Doe"}`, true],
    ["1 High St\nTown", String.raw`{"address":"1 High St\nTown"}`, true],
    ["Renée Zoë", String.raw`{"name":"Ren\u00e8e Zo\u00eb"}`, false],
  ])("looks for %s in %s, and answers %s", (original, text, found) => {
    expect(searchFor(original).isIn(text)).toBe(found);
  });

  test("finds any original of six characters or more between spaces", () => {
    assert(
      property(
        string({ minLength: 6, unit: "grapheme-ascii" }),
        string(),
        string(),
        (original, a, b) => {
          const isSearched = original.trim().length >= 6 && !/^-?\d+(?:\.\d+)?$/.test(original);
          expect(searchFor(original).isIn(`${a} ${original} ${b}`)).toBe(isSearched);
        },
      ),
    );
  });

  test("finds a long original by its beginning", () => {
    const long = "a long text ".repeat(50);
    expect(searchFor(long).isIn(`- ${long}`)).toBe(true);
  });

  test("does not search for numbers, which are keys more often than secrets, except phone numbers", () => {
    expect(searchFor("1234567").isIn("1234567")).toBe(false);
    const search = new LeakSearch();
    search.add("33199001234", "phone");
    expect(search.isIn("33199001234")).toBe(true);
  });

  test("stops to collect originals before they fill the memory, and says so", () => {
    const search = new LeakSearch();
    for (let i = 0; i < 200_010; i += 1) search.add(`user${i}@corp.example`, "email");
    expect([search.size, search.skipped]).toEqual([200_000, 10]);
  });
});
