import { describe, expect, test } from "vitest";
import { countryCode, parsePhone } from "../../src/onboarding/phone-number.ts";

describe("parsePhone of a number", () => {
  test.each([
    ["in national notation", "06 39 98 01 02"],
    ["written with parentheses around the country code", "(+33) 6 39 98 01 02"],
    ["written with wide parentheses and a wide plus", "\uFF08\uFF0B33\uFF096 39 98 01 02"],
    ["written with narrow no-break spaces", "06\u202F39\u202F98\u202F01\u202F02"],
  ])("returns it in E.164 if it is %s", (_, text) => {
    expect(parsePhone(text)).toEqual({ number: "+33639980102" });
  });
});

describe("parsePhone of another text", () => {
  test.each([
    ["of the right length in an unassigned range", "+33 0 39 98 01 02", "phone-not-valid"],
    ["of the right length in another country", "+1 555 555 5555", "phone-not-valid"],
    ["with an extension", "06 39 98 01 02 ext 5", "phone-with-extension"],
    ["with words before the number", "call +33639980102", "phone-not-a-number"],
    ["with digits before the country code", "12 (+33) 6 39 98 01 02", "phone-not-a-number"],
    ["with the country code inside", "06 (+33) 39 98 01 02", "phone-not-a-number"],
  ])("returns the problem of a text %s", (_, text, problem) => {
    expect(parsePhone(text)).toEqual({ problem });
  });
});

test("countryCode throws an error that names the unknown country", () => {
  expect(countryCode("FR")).toBe("FR");
  expect(() => countryCode("ZZ")).toThrow("ZZ is not the code of a country with phone numbers.");
});
