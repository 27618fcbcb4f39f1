import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { makeProject } from "../project.ts";
import {
  call,
  FUNCTIONS,
  inProject,
  names,
  type Options,
  refusal,
  REPORT,
  TARGET,
  writing,
} from "./calls.ts";

/** `clone` has two places, which are its own options. */
const PLACELESS = new Set(["clone", "openRemote"]);

describe("every exported function", () => {
  test("has a call in these tests", () => {
    const exported = Object.keys(library).filter((it) => !/^(OpsError|defineBackfill)$/.test(it));
    expect(names).toEqual(exported.sort());
    expect(names.length).toBeGreaterThan(20);
  });

  test.each(names)("%s refuses an unknown option, and names it", async (name) => {
    const error = await refusal(() => call(name, { nonsense: 1 }));
    expect(error).toMatchObject({ code: "OPTION_INVALID", details: { caller: name } });
    expect(error.message).toMatch(/nonsense is not an option; the options are \w+/);
  });

  test.each(names)("%s refuses null, a text and a list in place of its options", async (name) => {
    for (const wrong of [null, "local", []]) {
      const direct = Reflect.get(FUNCTIONS, name) as () => unknown;
      const given: Record<string, unknown[]> = {
        migrateNew: ["title", wrong],
        openLocal: ["shop.sqlite", TARGET, wrong],
        renderReport: ["text", REPORT, wrong],
      };
      const error = await refusal(() => Reflect.apply(direct, undefined, given[name] ?? [wrong]));
      expect(error, JSON.stringify(wrong)).toMatchObject({ code: "OPTION_INVALID" });
    }
  });

  test.each(inProject)(
    "%s reads options that are getters of a class or inherited",
    async (name) => {
      class Wrong {
        get env(): number {
          return 1;
        }
      }
      const direct: unknown = Reflect.get(FUNCTIONS, name);
      const verb = direct as (...given: unknown[]) => unknown;
      for (const wrong of [new Wrong(), Object.create({ env: 1 })]) {
        const given = name === "migrateNew" ? ["title", wrong] : [wrong];
        const error = await refusal(() => verb(...given));
        expect(error).toMatchObject({ code: "OPTION_INVALID" });
        expect(error.message).toContain("env is 1");
      }
    },
  );

  test.each(inProject)("%s refuses a promise and a map, which have no options", async (name) => {
    const direct: unknown = Reflect.get(FUNCTIONS, name);
    const verb = direct as (...given: unknown[]) => unknown;
    for (const wrong of [Promise.resolve({ env: "staging" }), new Map([["env", "staging"]])]) {
      const given = name === "migrateNew" ? ["title", wrong] : [wrong];
      const error = await refusal(() => verb(...given));
      expect(error).toMatchObject({ code: "OPTION_INVALID" });
      expect(error.message).toMatch(/is a promise: await it first|has none of the options/);
    }
  });

  test.each(inProject)("%s refuses every common option of another type", async (name) => {
    const wrong: Options = {
      cwd: 1,
      config: "",
      env: ["staging"],
      db: true,
      variables: { CLOUDFLARE_API_TOKEN: 1 },
      signal: { aborted: false },
      onWait: "later",
      answerTimeoutMs: 1.5,
      clock: { now: () => 0 },
      ...(!PLACELESS.has(name) && { place: "production" }),
      ...(name !== "openRemote" && { persistTo: "a\0b" }),
      ...(writing.has(name) && {
        dryRun: "yes",
        yes: 1,
        confirm: true,
        ask: true,
        lockTimeout: -1,
      }),
    };
    const error = await refusal(() => call(name, wrong));
    const told = error.details as { options: library.OptionProblem[] };
    expect(told.options.map(({ option }) => option.replace("options.", "")).sort()).toEqual(
      Object.keys(wrong).sort(),
    );
  });

  test.each(inProject)(
    "%s accepts every common option, and treats undefined as absent",
    async (name) => {
      const { dir } = makeProject();
      const right: Options = {
        cwd: dir,
        config: "missing.jsonc",
        env: "",
        db: "DB",
        variables: process.env,
        signal: new AbortController().signal,
        onWait() {},
        answerTimeoutMs: 1,
        clock: { now: () => 0, sleep: async () => {}, random: () => 0 },
        ...(!PLACELESS.has(name) && { place: "local" }),
        ...(name !== "openRemote" && { persistTo: "state" }),
        ...(writing.has(name) && {
          dryRun: undefined,
          yes: true,
          confirm: undefined,
          ask: async () => "no",
          lockTimeout: 0,
        }),
      };
      // doctor reports the errors that the others throw.
      if (name === "doctor") {
        expect(await call(name, right)).toMatchObject({
          findings: [{ rule: "CONFIG_UNREADABLE" }],
        });
        return;
      }
      expect(await refusal(() => call(name, right))).toMatchObject({ code: "CONFIG_UNREADABLE" });
    },
  );
});

describe("the message of OPTION_INVALID", () => {
  test("names the allowed places if place is production, and the call creates nothing", async () => {
    const { dir } = makeProject({ "migrations/0001.sql": "CREATE TABLE a(x);" });
    const error = await refusal(() => call("migrateApply", { cwd: dir, place: "production" }));
    expect(error).toMatchObject({
      code: "OPTION_INVALID",
      message: 'migrateApply: place is "production"; it has to be "local" or "remote".',
      details: { options: [{ option: "place", nearest: null }] },
    });
    expect(readdirSync(dir).sort()).toEqual(["migrations", "wrangler.jsonc"]);
    expect(existsSync(join(dir, ".wrangler"))).toBe(false);
  });

  test.each([
    ["migrateApply", { plcae: "local" }, "place"],
    ["migrateApply", { "persist-to": "state" }, "persistTo"],
    ["migrateApply", { place: "lokal" }, "local"],
    ["migrateApply", { allow: ["change"] }, "changed"],
    ["backfillRun", { maxRowWritten: 5 }, "maxRowsWritten"],
    ["openLocal", { mod: "read" }, "mode"],
    ["renderReport", { format: "markdwn" }, "markdown"],
  ])("suggests for %s %j the nearest known word, %s", async (name, options, nearest) => {
    const error = await refusal(() => call(name, options));
    expect(error.details).toMatchObject({ options: [{ nearest }] });
    expect(error.hint).toBe(`Did you mean ${nearest}?`);
  });

  test("lists all problems together", async () => {
    const error = await refusal(() => call("backfillRun", { window: 0, budget: 0, nmae: 1 }));
    expect(error.message.split("\n")).toEqual([
      "backfillRun: window is 0; it has to be a whole number, 1 to 1,000,000.",
      "backfillRun: budget is 0; it has to be a number above 0, up to 1,000,000,000.",
      expect.stringContaining("backfillRun: nmae is not an option; the options are cwd, config,"),
    ]);
  });

  test("names a missing argument", async () => {
    const missing = [
      [library.openLocal, "openLocal: path is missing; it has to be a path."],
      [library.renderReport, "renderReport: report is missing; it has to be an object."],
      [library.migrateNew, "migrateNew: title is missing; it has to be a text."],
      [library.backfillRun, "backfillRun: name is missing; it has to be a text."],
      [library.onboardRun, "onboardRun: file is missing; it has to be a path."],
    ] as const;
    for (const [verb, words] of missing) {
      const error = await refusal(() => Reflect.apply(verb as () => unknown, undefined, []));
      expect(error.message.split("\n")).toContain(words);
    }
  });

  test("does not show a value that may be a secret", async () => {
    const error = await refusal(() =>
      call("status", { variables: { CLOUDFLARE_API_TOKEN: ["s3cret"] }, env: { a: "s3cret" } }),
    );
    expect(`${error.message}${error.hint}${JSON.stringify(error.details)}`).not.toContain("s3cret");
  });
});

describe("a number out of range", () => {
  test.each([
    ["backfillRun", "window", [0, -1, 1.5, NaN, Infinity, "5", 1_000_001]],
    ["backfillRun", "maxWindow", [0, 1.5, 1_000_001]],
    ["backfillRun", "targetMs", [0, -1, 30_001, NaN]],
    ["backfillRun", "pauseMs", [-1, 86_400_001, 5_999_999_999_940_000, Infinity]],
    ["backfillRun", "rate", [-1, 0.001, NaN, 1_000_000_001]],
    ["backfillRun", "maxRowsWritten", [0, -5, 0.5, 2 ** 53]],
    ["backfillRun", "budget", [0, -1, NaN, Infinity]],
    ["backfillRun", "maxQuarantined", [-1, 0.5]],
    ["backfillCancel", "rate", [-1, 0.001]],
    ["migrateApply", "lockTimeout", [-1, NaN, Infinity, 86_401]],
    ["onboardRun", "maxFailures", [-1, 0.5]],
    ["onboardRun", "atOnce", [0, 1.5, 101]],
    ["openLocal", "busyTimeoutMs", [-1, 0.5, 2 ** 31]],
    ["status", "answerTimeoutMs", [0, -1, 0.5, 2 ** 31]],
    ["renderReport", "width", [0, -1, 1.5, NaN]],
  ])("%s rejects the values of %s: %j", async (name, option, values) => {
    for (const value of values) {
      const error = await refusal(() => call(name, { [option]: value }));
      expect(error.message, String(value)).toMatch(
        new RegExp(String.raw`^${name}: (?:options\.)?${option} is .+; it has to be .+\.$`),
      );
    }
  });
});

describe("renderReport of a value that JSON cannot represent", () => {
  const circle: Record<string, unknown> = {};
  circle["of"] = { itself: circle };
  let deep: unknown = 1;
  for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
  const throwing = {
    toJSON() {
      throw new TypeError("no");
    },
  };

  test.each<[string, object, string]>([
    [
      "a BigInt",
      { data: { rows: [{ n: 2n ** 60n }] } },
      "report.data.rows.0.n is 1152921504606846976",
    ],
    [
      "a BigInt of a check",
      { checks: [{ ...REPORT.checks[0], evidence: { n: 1n } }] },
      "report.checks.0.evidence.n is 1",
    ],
    ["a cycle", { data: { circle } }, "report.data.circle.of.itself is an object"],
    ["a function", { data: { f: () => 1 } }, "report.data.f is a function"],
    ["a BigInt under an unknown key", { later: 1n }, "report.later is 1"],
    ["an object whose toJSON throws", { data: { throwing } }, "report.data.throwing is an object"],
    ["a value of 20,000 levels", { data: { deep } }, "report.data.deep.0.0"],
  ])("refuses %s, and names its path", async (_, over, said) => {
    const report = { ...REPORT, ...over } as library.Report;
    for (const format of ["text", "json", "html"] as const) {
      const error = await refusal(() => library.renderReport(format, report));
      expect(error.code).toBe("OPTION_INVALID");
      expect(error.message).toContain(`renderReport: ${said}`);
      expect(error.message).toMatch(/; it has to be a value that JSON can represent: no BigInt/);
    }
  });

  test("accepts an object that occurs twice, a date, and values that JSON leaves out", async () => {
    const part = { a: 1 };
    const data = { part, again: [part], at: new Date(0), none: undefined, toJSON: "a text" };
    const text = await library.renderReport("json", {
      ...REPORT,
      data,
    } as unknown as library.Report);
    expect(JSON.parse(text)).toMatchObject({
      data: { part, again: [part], at: "1970-01-01T00:00:00.000Z" },
    });
  });
});

test.each(["steps", "findings", "checks", "next"])(
  "renderReport rejects a report whose list %s has a hole",
  async (key) => {
    const report = { ...REPORT, [key]: Array(1) };
    const error = await refusal(() => library.renderReport("text", report));
    expect(error.message).toContain(`renderReport: report.${key}.0 is missing; it has to be `);
  },
);

test("backfillRun rejects a first window that is larger than the largest window", async () => {
  const error = await refusal(() => call("backfillRun", { window: 20, maxWindow: 19 }));
  expect(error).toMatchObject({ code: "OPTION_INVALID", details: { caller: "backfillRun" } });
  expect(error.message).toBe(
    "backfillRun: window is 20; it has to be at most 19, the largest window (--max-window).",
  );
});

describe("valid options", () => {
  test("are accepted by openLocal, openMemory and renderReport", async () => {
    const { file } = makeProject();
    const local = library.openLocal(file, TARGET, { mode: "write", busyTimeoutMs: 0 });
    expect(local.target).toEqual(TARGET);
    local.close();
    const memory = library.openMemory({ name: "trial" });
    expect(memory.target.database).toBe("trial");
    memory.close();
    const text = await library.renderReport("text", REPORT);
    expect(text).toContain("1 applied, nothing pending");
    expect(await library.renderReport("json", REPORT, { width: 80 })).toContain('"format": 1');
    const newer = { ...REPORT, later: true, steps: [{ ...REPORT.steps[0], later: 1 }] };
    expect(await library.renderReport("json", newer as library.Report)).toContain("later");
  });
});
