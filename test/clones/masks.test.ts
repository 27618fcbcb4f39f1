import { describe, expect, test } from "vitest";
import { isMasks, maskProblems } from "../../src/clones/masks.ts";

describe("a mask file", () => {
  test("may have a mask for each column, paths into JSON, and whole tables", () => {
    const masks = {
      users: { email: "email", ssn: "null", profile: { "$.contact.email": "email" } },
      audit: "empty",
      countries: "keep",
    };
    expect(maskProblems(masks)).toEqual([]);
    expect(isMasks(masks)).toBe(true);
  });

  test("reports all problems together, with the nearest word", () => {
    const masks = {
      users: { email: "emial", phone: null, profile: { "contact.email": "email", "$.n": "hsh" } },
      audit: "emtpy",
      list: ["email"],
    };
    expect(maskProblems(masks).map(({ path, nearest }) => [path.join(" "), nearest])).toEqual([
      ["users email", "email"],
      ["users phone", null],
      ["users profile contact.email", null],
      ["users profile $.n", "hash"],
      ["audit", "empty"],
      ["list", null],
    ]);
    expect(maskProblems(masks)[1]?.problem).toContain("is null without quotes");
  });

  test.each([null, [], "email", 5])("is not %j", (value) => {
    expect(maskProblems(value)).toMatchObject([{ path: [] }]);
  });
});
