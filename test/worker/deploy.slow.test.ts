import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { ROOT, wrangler } from "../project.ts";

/** The free plan allows 3 MB compressed. */
const AT_MOST = 400_000;

test("wrangler bundles the Worker without warnings, node modules or missing bindings, under 400 kB compressed", async () => {
  const out = mkdtempSync(join(tmpdir(), "d1ops-deploy-"));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  mkdirSync(join(ROOT, "dist/page"), { recursive: true });
  const dir = join(ROOT, "src/worker");
  const run = await wrangler({ dir }, ["deploy", "--dry-run", "--outdir", out]);
  expect(run).toMatchObject({ code: 0 });
  expect(`${run.stdout}${run.stderr}`).not.toMatch(/warning/i);
  for (const name of ["DB", "LIMIT_ADDRESS", "LIMIT_TENANT", "CF_VERSION_METADATA"])
    expect(run.stdout).toContain(`env.${name}`);
  const file = join(out, "index.js");
  expect(statSync(file).size).toBeGreaterThan(100_000);
  const bundle = readFileSync(file);
  expect(bundle.toString()).not.toMatch(/from "node:|require\("node:/);
  expect(gzipSync(bundle).length).toBeLessThan(AT_MOST);
});
