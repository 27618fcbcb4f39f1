import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROBLEM_CODES } from "../../src/onboarding/complaint.ts";
import {
  assistantInput,
  businessInput,
  knowledgeInput,
  read,
  startInput,
} from "../../src/onboarding/input.ts";
import type { OnboardingSettings } from "../../src/onboarding/ports.ts";
import { OpsError } from "../../src/report/error.ts";
import { ROOT } from "../project.ts";

/** What is said of an input that cannot be taken. */

const company = { company_name: "Acme", industry: "retail" };

function said(work: () => unknown): string {
  try {
    return JSON.stringify(work());
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return error.message;
  }
}

function phoneOf(phone: string, settings: OnboardingSettings): string {
  return said(() => read(businessInput(settings), { ...company, phone }).phone);
}

test("every code is in the docs, and the docs have no other", () => {
  const docs = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const section = docs.split("## Problems of an input")[1]?.split("\n# ")[0] ?? "";
  const told = section
    .split("\n")
    .filter((row) => row.startsWith("| `"))
    .flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code),
    );
  expect(told.toSorted()).toEqual([...PROBLEM_CODES].toSorted());
});

describe("in words of our own", () => {
  test.each([
    [() => read(startInput, null), "has to be an object"],
    [() => read(startInput, { email: "x" }), "email: is no e-mail address"],
    [() => read(businessInput({}), {}), "company_name: is missing; industry: is missing"],
    [
      () => read(businessInput({}), { ...company, company_name: "x".repeat(201) }),
      "company_name: has more than 200 characters",
    ],
    [() => read(businessInput({}), { ...company, a: 1 }), "a: is not known here"],
    [
      () => read(assistantInput, { agent_name: "Nora", voice: "robot" }),
      "voice: has to be one of female, male",
    ],
    [
      () => read(assistantInput, { agent_name: "Nora", enable_products: 1 }),
      "enable_products: has to be true or false",
    ],
    [() => read(knowledgeInput, { documents: {} }), "documents: has to be a list"],
    [
      () =>
        read(knowledgeInput, {
          documents: Array.from({ length: 51 }, () => ({ title: "x", content: "x" })),
        }),
      "documents: has more than 50 entries",
    ],
    [
      () => read(knowledgeInput, { documents: [{ title: "x" }] }),
      "documents.0.content: is missing",
    ],
  ])("%s", (work, message) => {
    expect(said(work)).toBe(`The input cannot be taken: ${message}.`);
  });
});

test("what is not said of a document is the least: a text from nowhere", () => {
  expect(read(knowledgeInput, { documents: [{ title: "x", content: "y" }] })).toEqual({
    documents: [{ title: "x", content: "y", source_type: "text" }],
  });
  expect(read(knowledgeInput, {})).toEqual({ documents: [] });
});

describe("settings", () => {
  test("a number without a country's code is of the country that is set", () => {
    expect(phoneOf("020 7946 0123", { country: "GB" })).toBe('"+442079460123"');
    expect(phoneOf("01 99 00 12 34", {})).toBe('"+33199001234"');
  });

  test("a country that is none is told at once", () => {
    expect(() => businessInput({ country: "Britain" })).toThrow(RangeError);
  });

  test.each(["+33199000000", "01 99 00 00 00", "0033 1 99 00 00 00"])(
    "a number is reserved however it is written in the settings: %s",
    (reserved) => {
      const says = "The input cannot be taken: phone: is the platform's own number.";
      expect(phoneOf("(01) 99.00.00.00", { reserved: [reserved] })).toBe(says);
      expect(phoneOf("01 99 00 00 01", { reserved: [reserved] })).toBe('"+33199000001"');
    },
  );
});
