import { expect, test } from "vitest";
import type { ProjectOptions } from "../../src/project/project-options.ts";
import { queryCommand } from "../../src/project/wrangler-command.ts";
import type { Target } from "../../src/report/report.ts";

const local: Target = { place: "local", database: "shop-db", id: "1", env: null };

test.each<[string, Target, ProjectOptions, string]>([
  ["the local database", local, {}, "shop-db --local --command 'SELECT 1'"],
  [
    "state elsewhere, another config, an environment",
    { ...local, env: "staging" },
    { persistTo: "a b", config: "x.toml", env: "dev" },
    "shop-db --local --persist-to 'a b' --command 'SELECT 1' --env staging -c x.toml",
  ],
  [
    "the remote one, which has no local state",
    { ...local, place: "remote" },
    { persistTo: "x", env: "" },
    `shop-db --remote --command 'SELECT 1' --env ""`,
  ],
])(
  "queryCommand returns the command of wrangler for a query of %s",
  (_, target, options, words) => {
    expect(queryCommand("SELECT 1", target, options)).toBe(`npx wrangler d1 execute ${words}`);
  },
);
