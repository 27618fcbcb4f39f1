import { describe, expect, test } from "vitest";
import { AGENT_TYPES } from "../../src/onboarding/agent-types.ts";
import { PROBLEM_CODES } from "../../src/onboarding/input-problems.ts";
import { SECTORS } from "../../src/onboarding/sectors.ts";
import { complaintFor } from "../../src/page/failure-text.ts";
import { LOCALES, localeOf, typeIn, WORDS } from "../../src/page/words/words.ts";

/** Every text of a dictionary, by its path. Functions are called with 1 and with 2. */
function texts(of: object, path = ""): [string, string][] {
  return Object.entries(of).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    const here = path === "" ? name : `${path}.${name}`;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "function") {
      const say = value as (...values: unknown[]) => string;
      return [1, 2].map((n) => [`${here}(${n})`, say(n, n, n, n)]);
    }
    return texts(value as object, here);
  });
}

describe.each(LOCALES)("the page in %s", (locale) => {
  const words = WORDS[locale];

  test("has a text for every problem code", () => {
    const { unclear } = words.failures;
    expect(PROBLEM_CODES.length).toBeGreaterThan(20);
    expect(PROBLEM_CODES.filter((code) => complaintFor(words, code) === unclear)).toEqual([]);
  });

  test("has a name for every offered agent type, and uses the Worker's texts for an unknown one", () => {
    const offered = AGENT_TYPES.filter((type) => type.offered).map(({ id }) => id);
    expect(Object.keys(words.assistant.types)).toEqual(offered);
    const unknown = { id: "unknown", name: "Tomorrow", description: "Does it." };
    expect(typeIn(words, unknown)).toEqual({ name: "Tomorrow", description: "Does it." });
  });

  test("has a name for every sector", () => {
    const sectors = SECTORS.map(({ id }) => id);
    expect(Object.keys(words.business.sectors)).toEqual([...sectors, "other"]);
  });

  test("has no empty text", () => {
    const all = texts(words);
    expect(all.length).toBeGreaterThan(120);
    expect(all.filter(([, text]) => text.trim() === "" || text.includes("undefined"))).toEqual([]);
  });
});

test("the French texts have no-break spaces before punctuation, and typographic apostrophes", () => {
  expect(texts(WORDS.fr).filter(([, text]) => / [?!:;]|[^\u00A0][?!:;]|'/.test(text))).toEqual([]);
});

test("the texts differ in the two languages, except for five words", () => {
  const english = new Map(texts(WORDS.en));
  const same = texts(WORDS.fr).filter(([path, text]) => english.get(path) === text);
  expect(same.map(([path]) => path)).toEqual([
    "steps.assistant",
    "business.sectors.services",
    "knowledge.document(1)",
    "knowledge.document(2)",
    "complete.documents",
  ]);
});

test.each([
  [null, ["fr-CA", "en"], "fr"],
  [null, ["de-DE", "en-US", "fr"], "en"],
  [null, ["de", "FR"], "fr"],
  [null, ["de"], "en"],
  [null, [], "en"],
  ["fr", ["en"], "fr"],
  ["xx", ["fr"], "fr"],
] as const)(
  "the page chooses its language from the choice %s and the browser's languages %j: %s",
  (chosen, wanted, locale) => {
    expect(localeOf(chosen, wanted)).toBe(locale);
  },
);
