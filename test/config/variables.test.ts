import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readVariables, variableSource } from "../../src/config/variables.ts";
import { folder } from "../files/temporary-folder.ts";

test("readVariables prefers the process to .env.local, and .env.local to .env", () => {
  using root = folder();
  writeFileSync(join(root.path, ".env"), "CLOUDFLARE_ENV=one\nA=1\nB='of .env'\n");
  writeFileSync(join(root.path, ".env.local"), "CLOUDFLARE_ENV=two\nA=2\n");
  expect(readVariables(root.path, {}, undefined)).toMatchObject({
    CLOUDFLARE_ENV: "two",
    A: "2",
    B: "of .env",
  });
  expect(readVariables(root.path, { CLOUDFLARE_ENV: "three" }, undefined)).toMatchObject({
    CLOUDFLARE_ENV: "three",
    A: "2",
  });
});

test("readVariables without files returns the variables of the process", () => {
  using root = folder();
  expect(readVariables(root.path, { X: "y" }, undefined)).toEqual({ X: "y" });
});

test("readVariables prefers the files of the environment of --env to the others, as wrangler does", () => {
  using root = folder();
  const write = (name: string, text: string): void => writeFileSync(join(root.path, name), text);
  write(".env", "CLOUDFLARE_ACCOUNT_ID=production\nTOKEN=production\nONLY=here\n");
  write(".env.local", "TOKEN=local\n");
  write(".env.staging", "CLOUDFLARE_ACCOUNT_ID=staging\nTOKEN=staging\n");
  write(".env.staging.local", "TOKEN=mine\n");
  expect(readVariables(root.path, {}, "staging")).toMatchObject({
    CLOUDFLARE_ACCOUNT_ID: "staging",
    TOKEN: "mine",
    ONLY: "here",
  });
  expect(variableSource(root.path, {}, "staging", "CLOUDFLARE_ACCOUNT_ID")).toBe(".env.staging");
  expect(readVariables(root.path, { TOKEN: "own" }, "staging")).toMatchObject({ TOKEN: "own" });
  expect(readVariables(root.path, {}, "")).toMatchObject({ CLOUDFLARE_ACCOUNT_ID: "production" });
  // wrangler reads them only for the flag.
  expect(readVariables(root.path, { CLOUDFLARE_ENV: "staging" }, undefined)).toMatchObject({
    CLOUDFLARE_ACCOUNT_ID: "production",
    TOKEN: "local",
  });
});

test("readVariables replaces variables in values as wrangler does", () => {
  using root = folder();
  const write = (name: string, text: string): void => writeFileSync(join(root.path, name), text);
  write(
    ".env",
    "Z=zed\nA=one\nB=${A}/x${Z}\nC=$OWN\nD=${NONE:-default}\nE='\\$A'\nTOKEN=file\nEMPTY=file\nLATE=${LATER}\n",
  );
  write(".env.local", "LATER=local\nA=two\n");
  const own = { OWN: "mine", TOKEN: "own", EMPTY: "" };
  expect(readVariables(root.path, own, undefined)).toEqual({
    ...own,
    Z: "zed",
    A: "two",
    B: "two/xzed",
    C: "mine",
    D: "default",
    E: "$A",
    EMPTY: "file",
    LATE: "",
    LATER: "local",
  });
  expect(own).toEqual({ OWN: "mine", TOKEN: "own", EMPTY: "" });
  expect(variableSource(root.path, own, undefined, "EMPTY")).toBe(".env");
  expect(variableSource(root.path, own, undefined, "TOKEN")).toBe("the environment");
});
