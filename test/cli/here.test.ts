import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { someTenants } from "../commands/onboard/shop.ts";
import { NO_RUNNER } from "../no-runner.ts";
import {
  d1ops,
  d1opsBuilt,
  makeProject,
  type Project,
  type Run,
  withoutProgress,
} from "../project.ts";

/** Compares the command line in the process of a test with the built program in its own process. */

const FILES = {
  "migrations/0001_t.sql":
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n);\nINSERT INTO t VALUES (1, 1);\n",
  "migrations/backfills/0001_n.sql":
    "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET n = 2 WHERE {window};\n",
  "tenants.jsonl": someTenants(1),
};

/** They run in this order on one project, because later commands need the effects of earlier ones. */
const LINES = [
  "status",
  "doctor",
  "migrate status --exit-code",
  "migrate plan --json",
  "migrate apply --local --format json=first.json --format text",
  "migrate apply --local --to nothing",
  "migrate verify -v",
  "migrate lock --remote --yes",
  "migrate new next --dry-run",
  "backfill list --json",
  "backfill run 1 --local",
  "backfill status 1",
  "backfill cancel 1 --local --dry-run",
  "backfill new more --dry-run",
  // The rows of the ledgers contain durations, so the sizes of a database differ.
  "snapshot take --without-database --files tenants.jsonl",
  "snapshot list --json",
  "snapshot show latest",
  "snapshot diff latest latest",
  "snapshot verify",
  "snapshot prune --keep-last 1 --dry-run",
  "snapshot copy --to second --dry-run",
  "snapshot keys",
  "snapshot restore latest --local --files-only",
  "audit tables",
  "clone local file:copy.sqlite --dry-run",
  "init --dry-run",
  "onboard init",
  "migrate apply --local",
  "onboard start --tenant acme --user ada --local --dry-run",
  "onboard business onb_1 --company Acme --industry retail --local",
  "onboard agents onb_1 --local --json",
  "onboard assistant onb_1 --name Nia --local",
  "onboard knowledge onb_1 --none --local",
  "onboard complete onb_1 --local",
  "onboard status onb_1",
  "onboard run tenants.jsonl --local --format junit",
  "onboard run --help",
  "--version",
  "migrate",
  "nonsense --json",
  "",
];

/** The output without values that differ between two runs: paths, times, durations and random ids. */
function comparable(run: Run, { dir }: Project): unknown {
  const { code, stdout, stderr } = withoutProgress(run);
  const text = (said: string): string =>
    said
      .replaceAll(dir, "DIR")
      .replaceAll(/onb_[0-9a-f]{32}/g, "onb_ID")
      // The beginning of a snapshot's id.
      .replaceAll(/\b[0-9a-f]{8}(?:[0-9a-f]{56})?\b/g, "ID")
      .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "TIME")
      .replaceAll(/"(durationMs|measuredAt)": [\d.]+/g, '"$1": N')
      .replaceAll(/time="[\d.]+"/g, 'time="N"')
      .replaceAll(/\(\d+ s ago\)/g, "(N s ago)")
      // Including the spaces that align the columns.
      .replaceAll(/ +[\d.]+ (?:ms|s|min)(?: [\d.]+ s)?\b/g, " N s");
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

test("every command prints the same in the process of the tests and as the built program", async () => {
  const [here, built] = [makeProject(FILES), makeProject(FILES)];
  for (const line of LINES) {
    const args = line.split(" ").filter((word) => word !== "");
    const ran = await Promise.all([d1ops(here, args), d1opsBuilt(built, args)]);
    expect(comparable(ran[0], here), line).toEqual(comparable(ran[1], built));
  }
  const commands = leaves(makeProgram(NO_RUNNER));
  expect(commands.filter((path) => !LINES.some((line) => line.startsWith(path)))).toEqual([]);
});

function leaves(
  command: ReturnType<typeof makeProgram>,
  path: readonly string[] = [],
): readonly string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

describe("a run in the process of the tests", () => {
  test("does not see the environment of the run before", async () => {
    const [first, second] = [makeProject(FILES), makeProject(FILES)];
    const env = { ...process.env, CLOUDFLARE_ENV: "nowhere", FORCE_COLOR: "1" };
    const given = ["--persist-to", "elsewhere", "--quiet", "--debug"];
    const before = await d1ops(first, ["migrate", "status", ...given], { env });
    expect(before.code).toBe(2);
    expect(before.stderr).toContain("\u001B[");
    const after = await d1ops(second, ["migrate", "status"]);
    expect(comparable(after, second)).toEqual(
      comparable(await d1opsBuilt(second, ["migrate", "status"]), second),
    );
    expect(after.code).toBe(0);
  });

  test("has its own folder, links and input, also while another run is active", async () => {
    const shops = [1, 2, 3].map(() => makeProject(FILES));
    for (const { dir } of shops) {
      mkdirSync(join(dir, "below"));
      symlinkSync("../wrangler.jsonc", join(dir, "below/link.jsonc"));
    }
    const runs = await Promise.all(
      shops.map((shop, i) =>
        d1ops({ dir: join(shop.dir, "below") }, ["migrate", "new", `step_${i}`, "--json"]),
      ),
    );
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ stdout }) => /step_\d\.sql/.exec(stdout)?.[0])).toEqual([
      "step_0.sql",
      "step_1.sql",
      "step_2.sql",
    ]);
  });

  test.each(["TMPDIR", "HTTPS_PROXY", "NODE_OPTIONS"])(
    "rejects the variable %s, which applies to the whole process",
    async (name) => {
      const env = { ...process.env, [name]: "other" };
      await expect(d1ops(makeProject(FILES), ["status"], { env })).rejects.toThrow("d1opsBuilt");
    },
  );
});
