import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SCHEMA_PATH, settingsSchema } from "../build/settings-schema.ts";
import { variableOf } from "../src/config/settings-variables.ts";
import { problemsOf } from "../src/options/problems.ts";
import { FILE, SETTINGS } from "../src/known-settings.ts";

test("the schema in the package is made of the table of settings (`npm run fix` writes it)", () => {
  expect(readFileSync(SCHEMA_PATH, "utf8")).toBe(settingsSchema());
});

const isValid = new Ajv({ strict: false }).compile(JSON.parse(settingsSchema()) as object);

const anyValue = fc.oneof(
  fc.constantFrom("", "a", "x\0y", "30d", "1y5m7d2h", "1d1d", "0d", "1w", "[]", "config/**"),
  fc.constantFrom(0, -0, 7, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1),
  fc.constantFrom(null, true, false),
  fc.array(fc.constantFrom<unknown>("a", "", 1, null, []), { maxLength: 3 }),
  fc.constantFrom({}, { a: 1 }, { r2: { bucket: "shop-backups" } }, { "x/y": { bucket: "abc" } }),
);

/** Some settings, each with any value. Sometimes a value takes the place of a whole group. */
const anyFile = fc
  .dictionary(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...Object.keys(SETTINGS)) },
      fc.constantFrom(
        "snapshots",
        "snapshots.retention",
        "$schema",
        "snapshot.store",
        "stores",
        "homes.r2",
      ),
    ),
    anyValue,
    { maxKeys: 4 },
  )
  .map((values) => {
    const file = {};
    for (const [name, value] of Object.entries(values)) put(file, name.split("."), value);
    return file;
  });

function put(target: object, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) Reflect.set(target, key, value);
  else {
    const inner: unknown = Reflect.get(target, key);
    const next = typeof inner === "object" && inner !== null ? inner : {};
    Reflect.set(target, key, next);
    put(next, rest, value);
  }
}

test("d1ops accepts a file if and only if the schema does", () => {
  const seen = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(anyFile, (file) => {
      const valid = isValid(file);
      seen[valid ? "valid" : "invalid"] += 1;
      expect(problemsOf(file, FILE, "setting").length === 0).toBe(valid);
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
});

test("d1ops names the known key for a key with one mistyped letter", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(SETTINGS)),
      fc.nat(),
      fc.constantFrom("x", "0", "_"),
      (name, at, letter) => {
        const path = name.split(".");
        const key = path.pop() ?? "";
        const place = at % key.length;
        const mistyped = key.slice(0, place) + letter + key.slice(place + 1);
        const file = {};
        put(file, [...path, mistyped], 1);
        expect(problemsOf(file, FILE, "setting")).toMatchObject([{ nearest: key, ofKey: true }]);
      },
    ),
  );
});

test("docs/settings.md has a row for each setting with its variable, and no other row", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/settings.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z.]+)` \| (?:`(D1OPS_\w+)`|none) \|/gm)];
  expect(rows.map(([, name, variable]) => [name, variable])).toEqual(
    Object.entries(SETTINGS).map(([name, { kind }]) => [
      name,
      kind.schema["type"] === "object" ? undefined : variableOf(name),
    ]),
  );
});

test("the example of docs/settings.md is valid, and the schema is in the package at its path", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/settings.md"), "utf8");
  const [, example = ""] = /```jsonc\n([\s\S]*?)```/.exec(page) ?? [];
  const file = JSON.parse(example) as { $schema: string };
  expect(problemsOf(file, FILE, "setting")).toEqual([]);
  const { name } = JSON.parse(readFileSync(join(SCHEMA_PATH, "../package.json"), "utf8")) as {
    name: string;
  };
  expect(file.$schema).toBe(`./node_modules/${name}/${basename(SCHEMA_PATH)}`);
});

const anyHome = fc.record(
  {
    endpoint: fc.constantFrom(
      "https://s3.example.com",
      "http://[::1]:9000/a",
      "https://a@b",
      "s3.example.com",
      "https://a?b",
    ),
    bucket: fc.constantFrom("shop-backups", "ab", "a/b", ".ab"),
    prefix: fc.constantFrom("", "a", "a/b", "/a", "a/", "a/../b", "a b"),
    region: fc.constantFrom("auto", ""),
    key: fc.constant("secret"),
  },
  { requiredKeys: [] },
);

test("d1ops accepts a home if and only if the schema does", () => {
  fc.assert(
    fc.property(fc.constantFrom("r2", "r-2", "R2", "a/b", ""), anyHome, (name, home) => {
      const file = { homes: { [name]: home } };
      expect(problemsOf(file, FILE, "setting").length === 0).toBe(isValid(file));
    }),
    { numRuns: 1000 },
  );
});

test("a problem of an address does not show its password", () => {
  const file = { homes: { r2: { bucket: "abc", endpoint: "https://user:pass@s3.example.com" } } };
  const [only] = problemsOf(file, FILE, "setting");
  expect(only?.problem).toMatch(/^is "https:…s3.example.com"; it has to be an address/);
});

test.each([
  [{ users: { email: "email" }, log: "empty" }, null],
  [{ users: { profile: { "$.contact.email": "email" } } }, null],
  [{ users: { email: "emial" } }, "masks.users.email"],
  [{ users: "emtpy" }, "masks.users"],
  [{ users: { email: null } }, "masks.users.email"],
  [[], "masks"],
])("d1ops and the schema agree on the masks %j", (masks, wrong) => {
  const problems = problemsOf({ masks }, FILE, "setting");
  expect(problems.map(({ path }) => path.join("."))).toEqual(wrong === null ? [] : [wrong]);
  expect(isValid({ masks })).toBe(wrong === null);
});
