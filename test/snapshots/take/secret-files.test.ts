import { describe, expect, test } from "vitest";
import { selectionOf } from "../../../src/files/project-globs.ts";
import {
  exclusionsOf,
  looksSecret,
  secretFindings,
} from "../../../src/snapshots/take/secret-files.ts";

const SECRET = [
  ".env",
  ".env.production",
  "apps/shop/.env.local",
  ".dev.vars",
  ".dev.vars.staging",
  "certs/shop.pem",
  "certs/SHOP.KEY",
  "store.p12",
  "home/.ssh/id_rsa",
  "id_ed25519",
  ".netrc",
  ".env.[odd] {name}",
];

const OTHERS = [
  ".env.example",
  ".env.sample",
  ".dev.vars.example",
  ".environment",
  "env",
  "src/env.ts",
  "id_rsa.pub",
  "keys.json",
  "pem/readme.md",
  "monkey",
];

describe("a file whose name looks secret", () => {
  test.each(SECRET)("is %s", (path) => expect(looksSecret(path)).toBe(true));

  test.each(OTHERS)("is not %s", (path) => expect(looksSecret(path)).toBe(false));

  test("is left out by its pattern, and no other file is", () => {
    const { excludes } = selectionOf(["**", ...exclusionsOf(SECRET)]);
    expect(SECRET.filter((path) => !excludes(path))).toEqual([]);
    expect(OTHERS.filter((path) => excludes(path))).toEqual([]);
  });

  test("needs one pattern for each name, or for all keys with the same ending", () => {
    expect(exclusionsOf(["a/.env", "b/.env", "x.pem", "y/z.pem"])).toEqual([
      "!**/.env",
      "!**/*.pem",
    ]);
  });
});

describe("a snapshot with files that look secret, in a store that is not encrypted", () => {
  const files = [{ path: ".env" }, { path: "src/app.ts" }, { path: "x.pem" }];
  const given = { files, globs: ["**"], isSetting: false, place: "backups" };

  test("warns, names them, and has the commands that leave them out or encrypt them", () => {
    expect(secretFindings(given)).toEqual([
      {
        rule: "secret-files",
        level: "warning",
        message:
          "2 files of the snapshot look secret, and the store backups is not encrypted: .env, x.pem.",
        help: `To leave them out:
d1ops … --files '**' --files '!**/.env' --files '!**/*.pem'
To keep them, take the snapshot into a new store, which is encrypted:
d1ops … --store WHERE --passphrase`,
        data: { files: [".env", "x.pem"] },
      },
    ]);
  });

  test("names the setting if the patterns come from it", () => {
    expect(secretFindings({ ...given, isSetting: true })[0]?.help).toMatch(
      /^To leave them out, add to snapshots\.files of d1ops\.jsonc: "!\*\*\/\.env", "!\*\*\/\*\.pem"\n/,
    );
  });

  test("does not warn of other files", () => {
    expect(secretFindings({ ...given, files: [{ path: "src/app.ts" }] })).toEqual([]);
  });
});
