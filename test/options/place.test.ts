import { describe, expect, test } from "vitest";
import { parsePlace, placeText } from "../../src/options/place.ts";

const ALL = ["local", "remote", "env", "file", "schema", "migrations", "snapshot"] as const;
const DATABASES = ["local", "remote", "env", "file"] as const;

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe("a place", () => {
  test.each([
    ["local", { kind: "local" }],
    ["remote", { kind: "remote" }],
    ["migrations", { kind: "migrations" }],
    ["env:staging", { kind: "env", env: "staging" }],
    ["file:copies/a b.sqlite", { kind: "file", path: "copies/a b.sqlite" }],
    [String.raw`file:C:\shop.sqlite`, { kind: "file", path: String.raw`C:\shop.sqlite` }],
    ["schema:target.sql", { kind: "schema", path: "target.sql" }],
    ["snapshot:2f3a51c0", { kind: "snapshot", id: "2f3a51c0" }],
    ["snapshot:latest", { kind: "snapshot", id: "latest" }],
  ])("%s is read, and written as it was typed", (text, place) => {
    expect(parsePlace(text, "TO", ALL)).toEqual(place);
    expect(placeText(parsePlace(text, "TO", ALL))).toBe(text);
  });

  test.each([
    ["locl", "local"],
    ["REMOTE", "remote"],
    ["evn:staging", "env:staging"],
    ["snapshots:2f3a", "snapshot:2f3a"],
    ["2f3a51c0", "snapshot:2f3a51c0"],
    ["latest", "snapshot:latest"],
    ["copies/shop.sqlite", "file:copies/shop.sqlite"],
    ["shop.db", "file:shop.db"],
    ["files:shop.sqlite", "file:shop.sqlite"],
  ])("%s is an error that suggests %s", (text, guess) => {
    expect(thrown(() => parsePlace(text, "TO", ALL))).toMatchObject({
      code: "USAGE",
      message: `TO is "${text}", which is not a place.`,
      hint: expect.stringMatching(new RegExp(`^Did you mean ${guess}\\?\n`)),
    });
  });

  test.each(["", "production", ":", "x:y", "file:\0"])(
    "%j is an error that lists the places, without a guess",
    (text) => {
      expect(thrown(() => parsePlace(text, "FROM", DATABASES))).toMatchObject({
        code: "USAGE",
        hint: "It has to be one of: local, remote, env:NAME, file:PATH.sqlite.",
      });
    },
  );

  test.each([
    ["env:", "NAME"],
    ["file:", "PATH"],
    ["snapshot:", "ID"],
  ])("%s is an error that says that %s is missing", (text, what) => {
    expect(thrown(() => parsePlace(text, "FROM", ALL))).toMatchObject({
      message: `FROM is "${text}", and ${what} is missing.`,
    });
  });

  test("a form that a verb cannot use is an error with those that it can use, and is never suggested", () => {
    expect(thrown(() => parsePlace("migrations", "TO", DATABASES))).toMatchObject({
      code: "USAGE",
      details: { argument: "TO" },
      message: "TO cannot be migrations here.",
      hint: "It has to be one of: local, remote, env:NAME, file:PATH.sqlite.",
    });
    expect(thrown(() => parsePlace("latest", "TO", DATABASES))).toMatchObject({
      hint: expect.not.stringContaining("Did you mean"),
    });
  });
});
