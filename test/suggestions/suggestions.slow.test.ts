import { expect, test } from "vitest";
import { makeProject, wrangler } from "../project.ts";
import { WRANGLER } from "./check.ts";

test.each(Object.entries(WRANGLER))(
  "wrangler has the command %s with the suggested flags",
  async (name, flags) => {
    const { stdout, code } = await wrangler(makeProject(), [...name.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`wrangler ${name}`);
    for (const flag of flags) expect(stdout).toMatch(new RegExp(String.raw`(^|\s)${flag}\b`, "m"));
  },
);
