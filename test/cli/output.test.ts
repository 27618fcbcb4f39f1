import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  BIN,
  d1ops,
  d1opsBuilt,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  type Run,
  withoutProgress,
} from "../project.ts";

const ONE = { "migrations/0001_a.sql": "CREATE TABLE a(x);" };
const APPLY = ["migrate", "apply", "--local"];

/** Every write to it fails with EBADF. */
function broken(project: Project): number {
  const fd = openSync(join(project.dir, "wrangler.jsonc"), "r");
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** The reader of stdout leaves before anything is written. */
async function withoutReader(project: Project, args: readonly string[]): Promise<Partial<Run>> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: project.dir });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, stderr: withoutProgress({ code, signal: null, stdout: "", stderr }).stderr };
}

async function applied(project: Project): Promise<unknown> {
  return reportOf(await d1ops(project, ["migrate", "status", "--json"])).data["applied"];
}

describe("an output that cannot be opened", () => {
  test.each([
    ["in a folder that does not exist", "reports/a.json", "mkdir -p reports"],
    ["that is a folder", "migrations", "migrations/report"],
    ["below a file", "wrangler.jsonc/a.json", "ls -ld wrangler.jsonc"],
  ])("stops the command with exit 2 before it begins: an output %s", async (_name, path, hint) => {
    const project = makeProject(ONE);
    const run = await d1ops(project, [...APPLY, "--json", "--format", `junit=${path}`]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(run)).toMatchObject({ code: "OUTPUT_UNWRITABLE", details: { path } });
    expect(errorOf(run).hint).toContain(hint);
    if (hint.startsWith("mkdir"))
      expect(errorOf(run).message).toMatch(/: its folder does not exist/);
    expect(await applied(project)).toEqual([]);
  });

  test("leaves no empty files for the other outputs", async () => {
    const project = makeProject(ONE);
    const args = [...APPLY, "--format", "json=first.json", "--format", "junit=no/second.xml"];
    expect((await d1ops(project, args)).code).toBe(2);
    expect(existsSync(join(project.dir, "first.json"))).toBe(false);
  });

  test("fails at once if it is a named pipe without a reader", async () => {
    const project = makeProject(ONE);
    spawnSync("mkfifo", [join(project.dir, "pipe")]);
    const run = await d1ops(project, [...APPLY, "--json", "--format", "junit=pipe"]);
    expect(run.code).toBe(2);
    expect(errorOf(run)).toMatchObject({ code: "OUTPUT_UNWRITABLE", details: { path: "pipe" } });
  });

  test("does not replace an existing report if the command does not run", async () => {
    const project = makeProject({ ...ONE, "old.json": "the old report" });
    const run = await d1ops(project, ["migrate", "apply", "--format", "json=old.json"]);
    expect(run.code).toBe(2);
    expect(readFileSync(join(project.dir, "old.json"), "utf8")).toBe("the old report");
  });
});

describe("several outputs", () => {
  test.each([
    ["the same name", ["--format", "json=a", "--format", "junit=a"]],
    ["the same file by another name", ["--format", "json=a", "--format", "junit=./b/../a"]],
    ["stdout twice", ["--json", "--format", "text=/dev/stdout"]],
    ["a link to the other file", ["--format", "json=old", "--format", "junit=link"]],
  ])("are a usage error if they would overwrite each other: %s", async (_name, flags) => {
    const project = makeProject({ ...ONE, old: "the old report" });
    spawnSync("ln", [join(project.dir, "old"), join(project.dir, "link")]);
    const before = readdirSync(project.dir);
    const run = await d1ops(project, [...APPLY, ...flags]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("USAGE");
    expect(readdirSync(project.dir)).toEqual(before);
    expect(readFileSync(join(project.dir, "old"), "utf8")).toBe("the old report");
    expect(await applied(project)).toEqual([]);
  });

  test.each(["stdout", "stderr"])(
    "are a usage error if one is the file that %s is redirected to",
    async (stream) => {
      const project = makeProject({ ...ONE, "a.json": "" });
      const file = openSync(join(project.dir, "a.json"), "a");
      onTestFinished(() => closeSync(file));
      const run = await d1opsBuilt(project, [...APPLY, "--format", "json=a.json"], {
        stdio: stream === "stdout" ? ["ignore", file, "pipe"] : ["ignore", "pipe", file],
      });
      expect(run.code).toBe(2);
      expect(await applied(project)).toEqual([]);
    },
  );

  test("may be written to the same device", async () => {
    const args = ["migrate", "status", "--format", "json=-", "--format", "html=/dev/null"];
    const run = await d1ops(makeProject(ONE), [...args, "--format", "junit=/dev/null"]);
    expect(run.code).toBe(0);
    expect(reportOf(run).command).toBe("migrate status");
  });
});

test("a report replaces the whole text of a longer report", async () => {
  const project = makeProject(ONE);
  writeFileSync(join(project.dir, "a.json"), "x".repeat(1_000_000));
  expect((await d1ops(project, [...APPLY, "--format", "json=a.json"])).code).toBe(0);
  expect(JSON.parse(readFileSync(join(project.dir, "a.json"), "utf8"))).toMatchObject({
    outcome: "changed",
  });
});

describe("an output that fails after a change", () => {
  test("exits with 4, prints the report on stdout and writes the later outputs if it is a file", async () => {
    const project = makeProject(ONE);
    const args = [...APPLY, "--format", "json=/dev/full", "--format", "junit=b.xml"];
    const run = await d1ops(project, args);
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("error REPORT_UNWRITTEN");
    expect(run.stderr).toContain("The report is on stdout.");
    expect(reportOf(run)).toMatchObject({ outcome: "changed", exitCode: 0 });
    expect(readFileSync(join(project.dir, "b.xml"), "utf8")).toContain("0001_a.sql");
    expect(await applied(project)).toEqual(["0001_a.sql"]);
  });

  test("exits with 4 and does not write another format to stdout twice if it is a file", async () => {
    const run = await d1ops(makeProject(ONE), [...APPLY, "--json", "--format", "junit=/dev/full"]);
    expect(run.code).toBe(4);
    expect(reportOf(run).outcome).toBe("changed");
    expect(errorOf(run)).toMatchObject({
      code: "REPORT_UNWRITTEN",
      details: { path: "/dev/full" },
    });
  });

  test("exits with 4 and prints the report on stderr if it is stdout", async () => {
    const project = makeProject(ONE);
    const run = await d1opsBuilt(project, APPLY, { stdio: ["ignore", broken(project), "pipe"] });
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("1 migration applied");
    expect(run.stderr).toContain("error REPORT_UNWRITTEN");
    expect(run.stderr).not.toContain("INTERNAL");
  });

  test("exits with 4 after the whole work if it is stdout and stderr", async () => {
    const project = makeProject(ONE);
    const fd = broken(project);
    expect((await d1opsBuilt(project, APPLY, { stdio: ["ignore", fd, fd] })).code).toBe(4);
    expect(await applied(project)).toEqual(["0001_a.sql"]);
  });

  test("does not change the exit code of a command that failed itself", async () => {
    const project = makeProject({ ...ONE, "migrations/0002_b.sql": "CREATE TABEL b(x);" });
    const args = [...APPLY, "--format", "json=/dev/full"];
    const run = await d1ops(project, ["migrate", "new", "c"]);
    expect(run.code).toBe(0);
    expect((await d1ops(project, args)).code).toBe(4);
    // 0002 is now the first migration of the run, so nothing changes.
    expect((await d1ops(project, args)).code).toBe(3);
  });
});

describe("an output that fails without a change", () => {
  test.each([
    ["a command that reads", ["migrate", "status"]],
    ["a dry run", [...APPLY, "--dry-run"]],
    ["help", ["--help"]],
    ["the version", ["--version"]],
  ])("exits with 3: %s", async (_name, args) => {
    const project = makeProject(ONE);
    const run = await d1opsBuilt(project, args, { stdio: ["ignore", broken(project), "pipe"] });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("error FILE_UNWRITABLE");
  });

  test("exits with 3 if there was nothing to do", async () => {
    const project = makeProject(ONE);
    await d1ops(project, APPLY);
    const run = await d1ops(project, [...APPLY, "--format", "json=/dev/full"]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("error FILE_UNWRITABLE");
  });
});

test("an error is printed on stdout if stderr fails", async () => {
  const project = makeProject();
  const run = await d1opsBuilt(project, ["migrate", "nope", "--json"], {
    stdio: ["ignore", "pipe", broken(project)],
  });
  expect(run.code).toBe(2);
  expect(errorOf({ ...run, stderr: run.stdout }).code).toBe("USAGE");
});

describe("a reader that closed its end", () => {
  test.each([
    ["help", ["--help"], 0],
    ["help of a command", ["migrate", "apply", "--help"], 0],
    ["the version", ["--version"], 0],
    ["a report", ["migrate", "status"], 0],
    ["a report whose answer is no", ["migrate", "status", "--exit-code"], 1],
  ])("does not change the exit code of %s", async (_name, args, code) => {
    expect(await withoutReader(makeProject(ONE), args)).toEqual({ code, stderr: "" });
  });

  test("does not stop apply from applying all migrations", async () => {
    const project = makeProject({ ...ONE, "migrations/0002_b.sql": "CREATE TABLE b(x);" });
    expect(await withoutReader(project, APPLY)).toEqual({ code: 0, stderr: "" });
    expect(await applied(project)).toEqual(["0001_a.sql", "0002_b.sql"]);
  });
});
