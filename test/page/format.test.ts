import { describe, expect, test } from "vitest";
import { GREETINGS } from "../../src/onboarding/voices.ts";
import { durationOf, greetingOf, hourOf, phoneAs, weekdayOf } from "../../src/page/format.ts";

test.each([
  ["+33639981234", "+33\u00A06\u00A039\u00A098\u00A012\u00A034"],
  ["+12025550123", "+12025550123"],
])("phoneAs formats the number %s as %s", (number, read) => {
  expect(phoneAs(number)).toBe(read);
});

test.each([
  ["fr-FR", 1, "lundi"],
  ["fr-FR", 5, "vendredi"],
  ["en-GB", 1, "Monday"],
  ["en-GB", 7, "Sunday"],
])("weekdayOf returns in %s for day %i of the week: %s", (tag, day, name) => {
  expect(weekdayOf(tag, day)).toBe(name);
});

test("hourOf returns an hour without conversion to a time zone", () => {
  expect(hourOf("fr-FR", "09:00")).toBe("09:00");
  expect(hourOf("en-GB", "18:00")).toBe("18:00");
});

test.each([
  [1, "1 second", "1 seconde"],
  [59, "59 seconds", "59 secondes"],
  [60, "1 minute", "1 minute"],
  [754, "13 minutes", "13 minutes"],
  [5400, "2 hours", "2 heures"],
  [259_200, "3 days", "3 jours"],
])("durationOf formats %i seconds as %s and %s", (seconds, english, french) => {
  expect(durationOf("en-GB", seconds)).toBe(english);
  expect(durationOf("fr-FR", seconds).replaceAll("\u00A0", " ")).toBe(french);
});

describe("the greeting", () => {
  const greeted = { agent_name: "Camille", company_name: "Le Fournil" };

  test.each(GREETINGS)(
    "equals the one that callers hear in $language with a $voice voice",
    ({ language, voice, before, between, after }) => {
      const text = greetingOf({ ...greeted, voice_language: language, voice });
      expect(text.replaceAll("\u00A0", " ")).toBe(`${before}Camille${between}Le Fournil${after}`);
    },
  );

  test("contains … until the assistant has a name", () => {
    const nameless = { ...greeted, agent_name: "" };
    expect(greetingOf({ ...nameless, voice_language: "en-GB", voice: "male" })).toBe(
      "Hello, this is …, the assistant of Le Fournil. How can I help you?",
    );
  });

  test("is unknown if the voice was configured by hand", () => {
    expect(greetingOf({ ...greeted, voice_language: "en-GB", voice: null })).toBe("");
  });
});
