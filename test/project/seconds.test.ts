import { expect, test } from "vitest";
import { migrateApply } from "../../src/index.ts";
import { secondsOf } from "../../src/project/seconds.ts";
import { makeProject } from "../project.ts";

test.each([
  [undefined, 60],
  ["", 60],
  ["1", 1],
  ["3600", 3600],
])("secondsOf reads %j as %i", (text, seconds) => {
  expect(secondsOf({ SECONDS: text }, "SECONDS", 60)).toBe(seconds);
});

test.each(["0", "3601", "1.5", "-1", "soon"])("secondsOf rejects %j", (text) => {
  expect(() => secondsOf({ SECONDS: text }, "SECONDS", 60)).toThrow(
    `SECONDS is "${text}", but it has to be a whole number of seconds from 1 to 3600.`,
  );
});

test("migrateApply rejects an invalid D1OPS_LEASE_SECONDS before it plans, so also in a dry run", async () => {
  const { dir: cwd } = makeProject({ "migrations/0001_a.sql": "CREATE TABLE a(x);" });
  const variables = { D1OPS_LEASE_SECONDS: "soon" };
  const applied = migrateApply({ cwd, place: "local", dryRun: true, variables });
  await expect(applied).rejects.toMatchObject({
    code: "USAGE",
    details: { argument: "D1OPS_LEASE_SECONDS" },
  });
});
