import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readVariables } from "../../src/config/variables.ts";
import { folder } from "../files/folder.ts";

test("the process wins over .env.local, which wins over .env", () => {
  using root = folder();
  writeFileSync(join(root.path, ".env"), "CLOUDFLARE_ENV=one\nA=1\nB='of .env'\n");
  writeFileSync(join(root.path, ".env.local"), "CLOUDFLARE_ENV=two\nA=2\n");
  expect(readVariables(root.path, {})).toMatchObject({
    CLOUDFLARE_ENV: "two",
    A: "2",
    B: "of .env",
  });
  expect(readVariables(root.path, { CLOUDFLARE_ENV: "three" })).toMatchObject({
    CLOUDFLARE_ENV: "three",
    A: "2",
  });
});

test("without files there is the process alone", () => {
  using root = folder();
  expect(readVariables(root.path, { X: "y" })).toEqual({ X: "y" });
});
