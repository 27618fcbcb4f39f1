import { describe, expect, test } from "vitest";
import { readSettingVariables, variableOf } from "../../src/config/settings-variables.ts";
import { KINDS, OTHER_VARIABLES } from "../../src/known-settings.ts";

function read(variables: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(readSettingVariables(KINDS, OTHER_VARIABLES, variables));
}

test("the name of a variable is the path of its setting, in capitals", () => {
  expect(variableOf("snapshots.retention.daily")).toBe("D1OPS_SNAPSHOTS_RETENTION_DAILY");
  const names = [...KINDS.keys()].map(variableOf);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ["a text", "STORE", " b ", "snapshots.store", " b "],
  ["a list of one", "FILES", "config/**", "snapshots.files", ["config/**"]],
  ["a list, separated by commas", "FILES", "a/**, !a/b", "snapshots.files", ["a/**", "!a/b"]],
  ["a number", "RETENTION_DAILY", "07", "snapshots.retention.daily", 7],
  ["zero", "RETENTION_DAILY", "0", "snapshots.retention.daily", 0],
  ["a duration", "RETENTION_WITHIN", "30d", "snapshots.retention.within", "30d"],
])("a variable has %s", (_, variable, text, setting, value) => {
  expect(read({ [`D1OPS_SNAPSHOTS_${variable}`]: text })).toEqual({ [setting]: value });
});

test("an empty variable does not count", () => {
  expect(read({ D1OPS_SNAPSHOTS_STORE: "", D1OPS_SNAPSHOT_STORE: "" })).toEqual({});
});

describe("readSettingVariables refuses", () => {
  test.each([
    ["RETENTION_DAILY", "7d", 'is "7d"; it has to be a whole number, 0 or more.'],
    ["RETENTION_DAILY", "-1", 'is "-1"; it has to be a whole number, 0 or more.'],
    ["RETENTION_DAILY", "9007199254740993", "it has to be a whole number, 0 or more."],
    ["RETENTION_WITHIN", "1w", 'is "1w"; it has to be a duration, such as 1y5m7d2h.'],
    ["FILES", "a,,b", ', item 2, is ""; it has to be a text that is not empty.'],
  ])("D1OPS_SNAPSHOTS_%s=%s", (variable, text, problem) => {
    const name = `D1OPS_SNAPSHOTS_${variable}`;
    const error = errorOf({ [name]: text });
    expect(error).toMatchObject({ code: "USAGE", details: { argument: name } });
    expect(error.message).toContain(problem);
  });

  test.each([
    ["D1OPS_SNAPSHOT_STORE", "D1OPS_SNAPSHOTS_STORE"],
    ["D1OPS_STORE", "D1OPS_SNAPSHOTS_STORE"],
    ["D1OPS_SNAPSHOTS_DAILY", "D1OPS_SNAPSHOTS_RETENTION_DAILY"],
    ["D1OPS_RETENTION_DAYLY", "D1OPS_SNAPSHOTS_RETENTION_DAILY"],
    ["D1OPS_PASPHRASE", "D1OPS_PASSPHRASE"],
    ["D1OPS_LEASE", "D1OPS_LEASE_SECONDS"],
  ])("the unknown %s, and names %s", (name, meant) => {
    expect(errorOf({ [name]: "1" }).hint).toContain(`Did you mean ${meant}?`);
  });

  test("several at once, in one error", () => {
    const error = errorOf({ D1OPS_STORE: "a", D1OPS_SNAPSHOTS_RETENTION_LAST: "x" });
    expect(error.message.split("\n")).toHaveLength(2);
  });
});

test.each([
  "D1OPS_VERSION",
  "D1OPS_SEED",
  "D1OPS_TEST_KILLS",
  "D1OPS_HOME",
  "d1ops_store",
  "MY_D1OPS_STORE",
])("%s may belong to a script of the user", (name) => {
  expect(read({ [name]: "1" })).toEqual({});
});

function errorOf(variables: Readonly<Record<string, string>>): Error & { hint: string } {
  try {
    read(variables);
  } catch (error) {
    return error as Error & { hint: string };
  }
  throw new Error("it accepted the variables");
}

test("an absent variable of a library call does not count", () => {
  const variables = { D1OPS_STORE: undefined, D1OPS_SNAPSHOTS_STORE: undefined };
  expect([...readSettingVariables(KINDS, OTHER_VARIABLES, variables)]).toEqual([]);
});
