import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, makeProject, type Project, reportOf } from "../project.ts";
import { takeIn } from "./snapshot-shop.ts";

type Run = Awaited<ReturnType<typeof d1ops>>;

async function restore(project: Project, id: string, ...flags: readonly string[]): Promise<Run> {
  return d1ops(project, ["snapshot", "restore", id, "--local", "--json", ...flags]);
}

const CONFIRM = ["--confirm", "shop-db"];

/** A project with a snapshot of its files, which have changed since. */
async function changedProject(): Promise<{ readonly project: Project; readonly id: string }> {
  const project = makeProject({
    "config/app.json": "old",
    "config/deep/b.txt": "old",
    "config/[x]!.txt": "old",
    "docs/a.md": "old",
  });
  const id = await takeIn(
    project,
    "--without-database",
    "--files",
    "config/**",
    "--files",
    "docs/*",
  );
  for (const path of ["config/app.json", "config/deep/b.txt", "config/[x]!.txt", "docs/a.md"])
    project.write(path, "new");
  project.write("config/created.txt", "new");
  project.write("docs/created.md", "new");
  project.write("src/created.ts", "new");
  return { project, id };
}

function filesOf(project: Project): Record<string, string> {
  const paths = [
    "config/app.json",
    "config/deep/b.txt",
    "config/[x]!.txt",
    "config/created.txt",
    "docs/a.md",
    "docs/created.md",
    "src/created.ts",
  ];
  const there = paths.filter((path) => existsSync(join(project.dir, path)));
  return Object.fromEntries(
    there.map((path) => [path, readFileSync(join(project.dir, path), "utf8")]),
  );
}

const CHANGED = {
  "config/app.json": "new",
  "config/deep/b.txt": "new",
  "config/[x]!.txt": "new",
  "config/created.txt": "new",
  "docs/a.md": "new",
  "docs/created.md": "new",
  "src/created.ts": "new",
};

describe("snapshot restore --files", () => {
  test.each<[string, readonly string[], Record<string, string | undefined>]>([
    ["one file", ["config/app.json"], { "config/app.json": "old" }],
    [
      "a folder, and removes what was created in it",
      ["config/**"],
      {
        "config/app.json": "old",
        "config/deep/b.txt": "old",
        "config/[x]!.txt": "old",
        "config/created.txt": undefined,
      },
    ],
    [
      "a folder without the excluded files",
      ["config/**", "!config/deep", "!config/created.txt"],
      { "config/app.json": "old", "config/[x]!.txt": "old" },
    ],
    [
      "a file whose name has the characters of a glob",
      ["config/\\[x\\]!.txt"],
      { "config/[x]!.txt": "old" },
    ],
    [
      "all files of the snapshot, but none that it never contained",
      ["**"],
      {
        "config/app.json": "old",
        "config/deep/b.txt": "old",
        "config/[x]!.txt": "old",
        "docs/a.md": "old",
        "config/created.txt": undefined,
        "docs/created.md": undefined,
      },
    ],
  ])(
    "restores %s, keeps all other files, and is undone by the way back",
    async (_what, globs, changes) => {
      const { project, id } = await changedProject();
      const flags = globs.flatMap((glob) => ["--files", glob]);
      const run = await restore(project, id, ...flags, ...CONFIRM);
      expect(run.code).toBe(0);
      const expected = Object.fromEntries(
        Object.entries({ ...CHANGED, ...changes }).filter(([, content]) => content !== undefined),
      );
      expect(filesOf(project)).toEqual(expected);
      project.write("config/later.txt", "later");
      const undo = reportOf(run).next.at(-1) ?? "";
      const [, , , wayBack = ""] = /(snapshot) (restore) (\S+)/.exec(undo) ?? [];
      expect((await restore(project, wayBack, "--files-only", ...CONFIRM)).code).toBe(0);
      expect(filesOf(project)).toEqual(CHANGED);
      expect(existsSync(join(project.dir, "config/later.txt"))).toBe(true);
    },
  );

  test("needs no database and does not change the present one", async () => {
    const { project, id } = await changedProject();
    rmSync(join(project.dir, ".wrangler"), { recursive: true, force: true });
    expect((await restore(project, id, "--files", "docs/a.md", ...CONFIRM)).code).toBe(0);
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
  });

  test("shows the plan in a dry run, and repeats the globs in the command after it", async () => {
    const { project, id } = await changedProject();
    const report = reportOf(await restore(project, id, "--files", "config/**", "--dry-run"));
    expect(report.next).toEqual([expect.stringContaining("--files 'config/**'")]);
    expect(report.steps.map(({ name, note }) => `${name} ${note}`).toSorted()).toEqual(
      expect.arrayContaining([expect.stringContaining("config/created.txt")]),
    );
    expect(filesOf(project)).toEqual(CHANGED);
  });

  test("requires the name of the database if it overwrites or removes a file", async () => {
    const { project, id } = await changedProject();
    expect(errorOf(await restore(project, id, "--files", "docs/*", "--yes"))).toMatchObject({
      code: "NOT_CONFIRMED",
    });
    expect(filesOf(project)).toEqual(CHANGED);
  });

  test("names the nearest file if a glob fits none of the snapshot", async () => {
    const { project, id } = await changedProject();
    expect(errorOf(await restore(project, id, "--files", "config/ap.json"))).toMatchObject({
      code: "FILES_NONE",
      details: { globs: ["config/ap.json"] },
      hint: "Did you mean config/app.json?",
    });
    const far = errorOf(await restore(project, id, "--files", "src/created.ts"));
    expect(far.message).toContain(`The snapshot ${id.slice(0, 8)} has no file that fits`);
    expect(far.hint).toContain(`snapshot show ${id.slice(0, 8)}`);
  });

  test.each([
    [["--tables", "users"], "--tables"],
    [["--database-only"], "--database-only"],
    [["--to", "file:a.sqlite"], "file:a.sqlite"],
  ])("contradicts %j", async (flags, named) => {
    const { project, id } = await changedProject();
    const error = errorOf(await restore(project, id, "--files", "docs/*", ...flags));
    expect(error.code).toBe("USAGE");
    expect(error.message).toContain(named);
  });
});
