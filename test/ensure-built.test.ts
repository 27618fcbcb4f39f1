import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureBuilt } from "./build.ts";
import { makeProject, run } from "./project.ts";

/** A project whose build copies its only source and counts its runs. */
function project(): ReturnType<typeof makeProject> & { builds(): number; built(): string } {
  const build =
    "mkdir -p dist && echo . >> count && cp src/deep/a.ts dist/a.js && ls src/deep > dist/list";
  const made = makeProject({
    "package.json": JSON.stringify({ name: "built", scripts: { build } }),
    "src/deep/a.ts": "1",
  });
  return {
    ...made,
    builds: () =>
      existsSync(join(made.dir, "count"))
        ? readFileSync(join(made.dir, "count"), "utf8").length / 2
        : 0,
    built: () => readFileSync(join(made.dir, "dist/a.js"), "utf8"),
  };
}

test("the test run builds once if dist is missing", () => {
  const { dir, builds, built } = project();
  expect(ensureBuilt(dir)).toBe(true);
  expect(built()).toBe("1");
  expect(ensureBuilt(dir)).toBe(false);
  expect(builds()).toBe(1);
});

test("the test run builds again after a source was changed, added or deleted, and after package.json was changed", () => {
  const { dir, write, built } = project();
  ensureBuilt(dir);
  write("src/deep/a.ts", "2");
  expect(ensureBuilt(dir)).toBe(true);
  expect(built()).toBe("2");
  write("src/deep/b.ts", "");
  expect(ensureBuilt(dir)).toBe(true);
  rmSync(join(dir, "src/deep/b.ts"));
  expect(ensureBuilt(dir)).toBe(true);
  write(
    "package.json",
    JSON.stringify({ scripts: { build: "mkdir -p dist && echo 3 > dist/a.js" } }),
  );
  expect(ensureBuilt(dir)).toBe(true);
  expect(built()).toBe("3\n");
  expect(ensureBuilt(dir)).toBe(false);
});

test("the test run builds again if dist was changed, removed or left incomplete", () => {
  const { dir, write, built } = project();
  ensureBuilt(dir);
  write("dist/a.js", "damaged");
  expect(ensureBuilt(dir)).toBe(true);
  expect(built()).toBe("1");
  rmSync(join(dir, "dist/list"));
  expect(ensureBuilt(dir)).toBe(true);
  rmSync(join(dir, "dist"), { recursive: true });
  expect(ensureBuilt(dir)).toBe(true);
  expect(ensureBuilt(dir)).toBe(false);
});

test("the test run throws if a build fails, and the next run builds again", () => {
  const { dir, write } = project();
  write("package.json", JSON.stringify({ scripts: { build: "exit 1" } }));
  expect(() => ensureBuilt(dir)).toThrow("npm run --silent build");
  expect(() => ensureBuilt(dir)).toThrow("npm run --silent build");
});

test("only one of several test runs that start together builds", async () => {
  const { dir, builds } = project();
  const module = join(import.meta.dirname, "build.ts");
  const script = `import { ensureBuilt } from ${JSON.stringify(module)}; console.log(ensureBuilt(${JSON.stringify(dir)}))`;
  const args = ["--input-type=module", "--eval", script];
  const runs = await Promise.all([1, 2, 3].map(() => run(process.execPath, args, dir, {})));
  expect(runs.map(({ stdout }) => stdout.trim()).sort()).toEqual(["false", "false", "true"]);
  expect(builds()).toBe(1);
});
