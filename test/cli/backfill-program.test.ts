/** The program of a backfill cannot affect the process that runs it. */
import { describe, expect, test } from "vitest";
import {
  d1ops,
  d1opsBuilt,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  withoutProgress,
} from "../project.ts";

const CORE = "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);\n";
const GOOD = `decide: ({ id }) => ({ outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] })`;
const FILE = "migrations/backfills/0001_odd.mjs";

/** Ten rows, and a backfill whose program this is. */
async function project(program: string, files: Record<string, string> = {}): Promise<Project> {
  const made = makeProject({ "migrations/0001_core.sql": CORE });
  expect((await d1ops(made, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = made.open();
  db.exec(
    "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 10) INSERT INTO t(id) SELECT i FROM k",
  );
  db.close();
  for (const [path, text] of Object.entries({ [FILE]: program, ...files })) made.write(path, text);
  return made;
}

const exported = (more: string, before = ""): string =>
  `${before}\nexport default { source: "t", key: "id", ${more} };\n`;

const RUN = ["backfill", "run", "1", "--local", "--json", "--window", "2", "--max-window", "2"];
const soon = { env: { ...process.env, D1OPS_PROGRAM_SECONDS: "1" } };

function stateIn(made: Project): unknown {
  const db = made.open();
  const row = db.prepare("SELECT state FROM d1ops_backfills").get();
  db.close();
  return row?.["state"];
}

describe("a program that does not end", () => {
  const HUNG = exported(GOOD, "await new Promise(() => {});");

  test.each([
    ["backfill list", ["backfill", "list", "--json"]],
    ["backfill status", ["backfill", "status", "--json"]],
    ["backfill run", RUN],
    ["migrate plan", ["migrate", "plan", "--json"]],
    ["migrate apply", ["migrate", "apply", "--local", "--json"]],
  ])("makes %s fail with the name of the file that takes too long to load", async (_, args) => {
    const made = await project(HUNG, {
      "migrations/0002_safe.sql": "CREATE TABLE safe(id);\n",
      "migrations/0003_drop.sql": "-- d1ops:requires backfill 0001_odd\nDROP TABLE t;\n",
    });
    const result = await d1opsBuilt(made, args, soon);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(result)).toMatchObject({
      code: "BACKFILL_INVALID",
      message: `${FILE}: loading it did not end within 1 s.`,
      details: { path: FILE },
    });
  });

  test("does not prevent apply --to of a migration before the one that requires the backfill", async () => {
    const made = await project(HUNG, {
      "migrations/0002_safe.sql": "CREATE TABLE safe(id);\n",
      "migrations/0003_drop.sql": "-- d1ops:requires backfill 0001_odd\nDROP TABLE t;\n",
    });
    const applied = await d1ops(made, ["migrate", "apply", "--local", "--json", "--to", "2"]);
    expect(withoutProgress(applied)).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(applied).steps).toMatchObject([{ name: "0002_safe.sql", status: "done" }]);
  });

  test("is not loaded by apply if no migration requires it", async () => {
    const made = await project(HUNG, { "migrations/0002_safe.sql": "CREATE TABLE safe(id);\n" });
    expect(await d1ops(made, ["migrate", "apply", "--local"])).toMatchObject({ code: 0 });
  });

  test("is not loaded by backfill cancel", async () => {
    const made = await project(HUNG);
    expect(await d1ops(made, ["backfill", "cancel", "1", "--local"])).toMatchObject({ code: 0 });
  });

  test("is BACKFILL_INVALID and releases the backfill if its `prepare` never settles", async () => {
    const made = await project(exported(`prepare: () => new Promise(() => {}), ${GOOD}`));
    const result = await d1opsBuilt(made, RUN, soon);
    expect(withoutProgress(result)).toMatchObject({ code: 3, stderr: "" });
    expect(reportOf(result).findings).toMatchObject([
      {
        rule: "BACKFILL_INVALID",
        message: expect.stringContaining("`prepare` did not end within 1 s"),
      },
    ]);
    expect(stateIn(made)).toBe("paused");
  });

  test("does not delay the end of the command with a timer that still runs", async () => {
    const made = await project(exported(GOOD, "setInterval(() => {}, 1000);"));
    expect(withoutProgress(await d1opsBuilt(made, RUN))).toMatchObject({ code: 0, stderr: "" });
  });

  test.each(["0", "1.5", "x", "3601"])(
    "has a time limit, and D1OPS_PROGRAM_SECONDS=%s is a usage error",
    async (seconds) => {
      const made = await project(exported(GOOD));
      const env = { ...process.env, D1OPS_PROGRAM_SECONDS: seconds };
      const result = await d1ops(made, ["backfill", "list", "--json"], { env });
      expect(result).toMatchObject({ code: 2 });
      expect(errorOf(result)).toMatchObject({
        code: "USAGE",
        message: expect.stringContaining("1 to 3600"),
      });
    },
  );
});

describe("an uncaught error of a program", () => {
  const later = (act: string): string =>
    `decide: ({ id }) => { if (id === 5) { ${act} } return { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] }; }`;

  test.each([
    ["a stray rejection", later("Promise.reject(new Error('lost'));")],
    [
      "a rejected function that is not awaited",
      later("(async () => { throw new Error('lost'); })();"),
    ],
    ["a throw in a microtask", later("queueMicrotask(() => { throw new Error('lost'); });")],
    ["a throw on the next tick", later("process.nextTick(() => { throw new Error('lost'); });")],
    [
      "an object whose toString throws",
      later("Promise.reject({ toString() { throw new Error('again'); } });"),
    ],
  ])(
    "exits with 4 and releases the backfill if it occurs in the middle of a run: %s",
    async (name, decide) => {
      const made = await project(exported(decide));
      const result = await d1opsBuilt(made, RUN);
      expect(withoutProgress(result)).toMatchObject({ code: 4, stderr: "" });
      const said = name.startsWith("an object") ? "something that cannot be shown" : "lost";
      expect(reportOf(result)).toMatchObject({
        outcome: "partial",
        findings: [
          {
            rule: "BACKFILL_INVALID",
            message: expect.stringMatching(
              new RegExp(`${FILE}: it left an error that nothing catches: ${said}`),
            ),
          },
        ],
      });
      expect(stateIn(made)).toBe("paused");
    },
  );

  test("fails the run if it occurs after the last row", async () => {
    const decide = later("Promise.reject(new Error('lost'));").replace("id === 5", "id === 10");
    const made = await project(exported(decide));
    const whole = RUN.map((word) => (word === "2" ? "20" : word));
    expect(withoutProgress(await d1opsBuilt(made, whole))).toMatchObject({ code: 4, stderr: "" });
    expect(stateIn(made)).toBe("scanned");
  });

  test("is BACKFILL_INVALID and prevents the run if it occurs during loading", async () => {
    const made = await project(exported(GOOD, "Promise.reject(new Error('lost'));"));
    const result = await d1opsBuilt(made, RUN);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(result)).toMatchObject({
      code: "BACKFILL_INVALID",
      message: expect.stringContaining("lost"),
    });
  });

  test("is BACKFILL_INVALID if it occurs in a timer that `prepare` waits for", async () => {
    const prepare =
      "prepare: () => new Promise(() => setTimeout(() => { throw new Error('lost'); }, 1))";
    const made = await project(exported(`${prepare}, ${GOOD}`));
    const result = await d1opsBuilt(made, RUN);
    expect(withoutProgress(result)).toMatchObject({ code: 3, stderr: "" });
    expect(reportOf(result).findings).toMatchObject([{ message: expect.stringContaining("lost") }]);
    expect(stateIn(made)).toBe("paused");
  });

  test.each([
    ["process.exit()", "", "process.exit(0)"],
    ["exit() of node:process", `import { exit } from "node:process";`, "exit(0)"],
  ])("cannot end the run without a report by calling %s", async (_, before, exit) => {
    const made = await project(exported(`decide: () => ${exit}`, before));
    const result = await d1opsBuilt(made, RUN);
    expect(reportOf(result).data).toMatchObject({ jobs: [{ invalid: 10 }] });
  });

  test("cannot lose the report by calling process.stdout.end()", async () => {
    const end = `await new Promise((resume) => process.stdout.end("the end\\n", resume));`;
    const made = await project(exported(GOOD, end));
    const result = await d1opsBuilt(made, RUN);
    expect(result).toMatchObject({ code: 0, stderr: "the end\n" });
    expect(reportOf(result).data).toMatchObject({ jobs: [{ changed: 10 }] });
  });
});

describe("a program in a package", () => {
  const LOUD = `import { log } from "node:console";
import { writeFileSync } from "node:fs";
console.log("while it is loaded");
export default { source: "t", key: "id",
  prepare: async (): Promise<number> => { log("while it prepares"); return 1; },
  decide: ({ id }: { id: number }) => {
    console.table([{ id }]);
    process.stdout.write("while it decides\\n");
    setTimeout(() => console.log("later"));
    return { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] };
  },
};
`;
  const packages: readonly [string, Record<string, string>][] = [
    ["a package without a type", { "package.json": '{ "name": "shop" }' }],
    ["a package of modules", { "package.json": '{ "name": "shop", "type": "module" }' }],
    ["no package", {}],
  ];
  test.each(packages)(
    "prints only its report on stdout and no warning of node on stderr: %s",
    async (_, files) => {
      const made = await project(exported(GOOD), {
        "migrations/backfills/0002_loud.ts": LOUD,
        ...files,
      });
      const list = await d1opsBuilt(made, ["backfill", "list", "--json"]);
      expect(list).toMatchObject({ code: 0, stderr: "while it is loaded\n" });
      reportOf(list);
      const result = await d1opsBuilt(
        made,
        RUN.map((word) => (word === "1" ? "2" : word)),
      );
      expect(result.code).toBe(0);
      expect(reportOf(result).data).toMatchObject({ jobs: [{ changed: 10 }] });
      expect(result.stderr).toContain("while it is loaded\nwhile it prepares\n");
      expect(result.stderr).toContain("while it decides\n");
      expect(result.stderr).not.toMatch(/warning/i);
    },
  );
});

describe("a project whose package is CommonJS", () => {
  const PACKAGE = { "package.json": '{ "name": "shop", "type": "commonjs" }' };

  test("runs a program that ends in .mts", async () => {
    const made = await project(exported(GOOD), PACKAGE);
    made.write("migrations/backfills/0002_fill.mts", exported(GOOD));
    expect(await d1opsBuilt(made, ["backfill", "list", "--json"])).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test("runs a program that a compiler has converted to CommonJS", async () => {
    const compiled = exported(GOOD).replace("export default", "exports.default =");
    const made = await project(exported(GOOD), {
      ...PACKAGE,
      "migrations/backfills/0002_fill.js": `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
${compiled}`,
    });
    expect(await d1opsBuilt(made, ["backfill", "list", "--json"])).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test("gets an error that names CommonJS as the reason if a program that ends in .ts cannot be loaded", async () => {
    const made = await project(exported(GOOD), {
      ...PACKAGE,
      "migrations/backfills/0002_fill.ts": exported(GOOD),
    });
    const result = await d1opsBuilt(made, ["backfill", "list", "--json"]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toMatch(/^\{"error":.*\}\n$/);
    expect(errorOf(result)).toMatchObject({
      code: "BACKFILL_INVALID",
      hint: `package.json has "type": "commonjs", so node loads the file as CommonJS. Rename it. The backfill keeps its name:
mv migrations/backfills/0002_fill.ts migrations/backfills/0002_fill.mts`,
    });
  });

  test("gets a new program that ends in .mts, and can be listed", async () => {
    const made = await project(exported(GOOD), PACKAGE);
    expect(await d1ops(made, ["backfill", "new", "fill", "--typescript"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Created migrations/backfills/0001_fill.mts"),
    });
    expect(await d1opsBuilt(made, ["backfill", "list", "--json"])).toMatchObject({
      code: 0,
      stderr: "",
    });
  });
});
