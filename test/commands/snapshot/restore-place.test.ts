import { expect, test } from "vitest";
import { placeOfRestore } from "../../../src/commands/snapshot/restore-place.ts";

test.each([
  [{ to: "local" }, { place: "local" }],
  [
    { to: "remote", env: "qa" },
    { place: "remote", env: "qa" },
  ],
  [{ to: "env:qa" }, { place: "remote", env: "qa" }],
  [
    { to: "env:qa", env: "qa" },
    { place: "remote", env: "qa" },
  ],
  [{ place: "local" as const }, { place: "local" }],
])("restores with the options %j into the database of %j", (given, options) => {
  const id = "latest";
  expect(placeOfRestore({ id, ...given })).toEqual({ options: { id, ...options }, file: null });
});

test.each([
  ["", '--env "" contradicts env:qa.'],
  ["two words", "--env 'two words' contradicts env:qa."],
])("shows the environment %j of a contradiction as it is typed", (env, message) => {
  const options = { id: "latest", to: "env:qa", env };
  expect(() => placeOfRestore(options)).toThrow(message);
});
