import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROBLEM_CODES } from "../../src/onboarding/input-problems.ts";
import {
  assistantInput,
  businessInput,
  knowledgeInput,
  parseInput,
  startInput,
} from "../../src/onboarding/input.ts";
import { parsePhone } from "../../src/onboarding/phone-number.ts";
import type { OnboardingSettings } from "../../src/onboarding/ports.ts";
import { OpsError } from "../../src/report/error.ts";
import { ROOT } from "../project.ts";

/** The problems of an invalid input. */

const company = { company_name: "Acme", industry: "retail" };

function messageOf(work: () => unknown): string {
  try {
    return JSON.stringify(work());
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return error.message;
  }
}

function phoneOf(phone: string, settings: OnboardingSettings): string {
  return messageOf(() => parseInput(businessInput(settings), { ...company, phone }).phone);
}

test("docs/errors.md lists exactly the codes of the problems", () => {
  const docs = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const section = docs.split("## Problems of an input")[1]?.split("\n# ")[0] ?? "";
  const documented = section
    .split("\n")
    .filter((row) => row.startsWith("| `"))
    .flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code),
    );
  expect(documented.toSorted()).toEqual([...PROBLEM_CODES].toSorted());
});

describe("the message of an invalid input", () => {
  test.each([
    [() => parseInput(startInput, null), "must be an object"],
    [() => parseInput(startInput, { email: "x" }), "email: is not an e-mail address"],
    [() => parseInput(businessInput({}), {}), "company_name: is required; industry: is required"],
    [
      () => parseInput(businessInput({}), { ...company, company_name: "x".repeat(201) }),
      "company_name: has more than 200 characters",
    ],
    [() => parseInput(businessInput({}), { ...company, a: 1 }), "a: is not a known key"],
    [
      () => parseInput(assistantInput, { agent_name: "Nora", voice: "robot" }),
      "voice: must be one of female, male",
    ],
    [
      () => parseInput(assistantInput, { agent_name: "Nora", enable_products: 1 }),
      "enable_products: must be true or false",
    ],
    [() => parseInput(knowledgeInput, { documents: {} }), "documents: must be an array"],
    [
      () =>
        parseInput(knowledgeInput, {
          documents: Array.from({ length: 51 }, () => ({ title: "x", content: "x" })),
        }),
      "documents: has more than 50 entries",
    ],
    [
      () => parseInput(knowledgeInput, { documents: [{ title: "x" }] }),
      "documents.0.content: is required",
    ],
  ])("names the input and its problem: %s", (work, message) => {
    expect(messageOf(work)).toBe(`The input is invalid: ${message}.`);
  });
});

test("parseInput reads a document as a text without a source by default", () => {
  expect(parseInput(knowledgeInput, { documents: [{ title: "x", content: "y" }] })).toEqual({
    documents: [{ title: "x", content: "y", source_type: "text" }],
  });
  expect(parseInput(knowledgeInput, {})).toEqual({ documents: [] });
});

describe("the settings of onboarding", () => {
  test("give a number without a country code the configured country", () => {
    expect(phoneOf("020 7946 0123", { country: "GB" })).toBe('"+442079460123"');
    expect(phoneOf("01 99 00 12 34", {})).toBe('"+33199001234"');
  });

  test("are rejected with an unknown country when they are read", () => {
    expect(() => businessInput({ country: "Britain" })).toThrow(RangeError);
  });

  test.each(["+33199000000", "01 99 00 00 00", "0033 1 99 00 00 00"])(
    "reserve a number in any notation: %s",
    (reserved) => {
      const message = "The input is invalid: phone: is one of the platform's own numbers.";
      expect(phoneOf("(01) 99.00.00.00", { reserved: [reserved] })).toBe(message);
      expect(phoneOf("01 99 00 00 01", { reserved: [reserved] })).toBe('"+33199000001"');
    },
  );
});

describe("a number as people type it", () => {
  const plain = "+33639980102";
  const invisible = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((text) => /[\p{Cf}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/u.test(text));

  test("may contain any invisible character at any position", () => {
    expect(invisible.length).toBeGreaterThan(400);
    for (const one of invisible) {
      const typed = `${one}(${one}+33) 6 39 98 0${one}1 02${one}`;
      expect(parsePhone(typed), JSON.stringify(typed)).toEqual({ number: plain });
    }
  });

  test.each(invisible.slice(0, 3).concat("\u202A\u202C", "\uFE0F"))(
    "is rejected, not treated as absent, if it contains only invisible characters: %j",
    (typed) => {
      expect(phoneOf(typed, {})).toContain("phone: ");
    },
  );

  test.each([
    "(+33) 6 39 98 01 02",
    "(+33)639980102",
    " ( +33 ) 6 39 98 01 02",
    "(+33) (0)6 39 98 01 02",
    "(+33 6) 39 98 01 02",
    "(+33 6 39 98 01 02)",
    "(0033) 6 39 98 01 02",
    "+(33) 6 39 98 01 02",
    "\uFF08\uFF0B33\uFF096 39 98 01 02",
    "\u2066(+33)\u2069 6 39 98 01 02",
  ])("may have parentheses around its country code: %s", (typed) => {
    expect(phoneOf(typed, { country: "GB" })).toBe(JSON.stringify(plain));
  });

  test.each([
    ["((+33)) 6 39 98 01 02", "is not a phone number"],
    ["(+33) 6 39 98 01 02 / (+33) 6 39 98 01 03", "is not a phone number"],
    ["(+33", "is not a phone number"],
    ["0\uFE0F\u20E36 39 98 01 02", "is not a phone number"],
    ["(+999) 6 39 98 01 02", "country"],
  ])("is rejected with its problem: %s", (typed, message) => {
    expect(phoneOf(typed, {})).toContain(message);
  });

  test("is rejected in any notation if it is reserved", () => {
    expect(phoneOf("\u202A(+33) 6 39 98 01 02\u202C", { reserved: [plain] })).toContain(
      "the platform's own numbers",
    );
  });
});
