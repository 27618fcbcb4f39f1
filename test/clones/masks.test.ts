import { describe, expect, test } from "vitest";
import { assert, jsonValue, property } from "fast-check";
import { isMasks, maskProblems, soundMasks } from "../../src/clones/masks.ts";

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

  test("names a table or a column only once, whatever the spelling", () => {
    const masks = { users: { email: "email", Email: "text" }, Users: "empty" };
    expect(maskProblems(masks)).toEqual([
      { path: ["Users"], problem: "means the same as users; write it once", nearest: null },
      {
        path: ["users", "Email"],
        problem: "means the same as email; write it once",
        nearest: null,
      },
    ]);
  });

  test("keeps its sound masks, and its wrong ones become keep", () => {
    const masks = {
      users: {
        email: "emial",
        phone: "phone",
        profile: { "$.n": "hsh" },
        tags: { "$[*]": "text" },
      },
      audit: "emtpy",
      old: "empty",
    };
    expect(soundMasks(masks)).toEqual({
      users: { email: "keep", phone: "phone", profile: "keep", tags: { "$[*]": "text" } },
      audit: "keep",
      old: "empty",
    });
    assert(
      property(jsonValue(), (value) => {
        const problems = maskProblems(soundMasks(value));
        expect(problems.filter(({ problem }) => !problem.startsWith("means the same"))).toEqual([]);
      }),
    );
  });

  test.each([null, [], "email", 5])("is not %j", (value) => {
    expect(maskProblems(value)).toMatchObject([{ path: [] }]);
  });
});
