import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  jsonl,
  localShop,
  numberOf,
  rowCounts,
  sessionOf,
  type Shop,
  someTenants,
  tenantLine,
} from "../commands/onboard/shop.ts";
import {
  BIN,
  d1ops,
  errorOf,
  makeProject,
  reportOf,
  ROOT,
  type Run,
  run as runProgram,
  withoutProgress,
} from "../project.ts";

function onboard(shop: Pick<Shop, "dir">, ...args: readonly string[]): Promise<Run> {
  return d1ops(shop, ["onboard", ...args]);
}

const TABLE = `tenant,user,company_name,industry,phone,agent_name\r\nacme,ada,"Acme, Ltd",retail,06 39 98 00 77,Nia\r\n`;

test("the part of the program that every command loads needs only modules of node and other parts", () => {
  const core = readFileSync(join(ROOT, "dist/parts/core.cjs"), "utf8");
  const needed = [...core.matchAll(/\brequire\([`"']([^`"']+)[`"']\)/g)].map(
    ([, name = ""]) => name,
  );
  expect(needed).toContain("node:fs");
  expect(needed.filter((name) => !/^(?:node:|\.\/)/.test(name))).toEqual([]);
});

describe("the commands of onboarding steps", () => {
  test("run from start to complete in a script with the session id from the JSON", async () => {
    const shop = localShop({ "hours.md": "From nine to five." });
    const begun = await onboard(
      shop,
      "start",
      "--tenant",
      "acme",
      "--user",
      "ada",
      "--local",
      "--json",
    );
    expect(begun).toMatchObject({ code: 0, stderr: "" });
    const session = sessionOf(reportOf(begun));
    const steps = [
      ["business", session, "--company", "Acme", "--industry", "retail", "--phone", "0639980077"],
      ["agents", session],
      ["assistant", session, "--name", "Nia", "--no-appointments", "--products", "--voice", "male"],
      ["knowledge", session, "--document", "hours.md", "--title", "Hours"],
      ["complete", session],
    ];
    for (const args of steps) {
      const run = await onboard(shop, ...args, "--local", "--json");
      expect(run.code, run.stderr).toBe(0);
      expect(reportOf(run).data["session"]).toBe(session);
    }
    const status = await onboard(shop, "status", session, "--json");
    expect(reportOf(status)).toMatchObject({
      data: {
        state: {
          status: "completed",
          enable_appointments: 0,
          enable_products: 1,
          documents: 1,
          phone: numberOf(77),
        },
      },
    });
    const text = await onboard(shop, "status", session);
    expect(text.stdout).toContain("acme: onboarded");
  });

  test("print the full command of the next step", async () => {
    const shop = localShop();
    const { stdout } = await onboard(shop, "start", "--tenant", "acme", "--user", "ada", "--local");
    expect(stdout).toMatch(
      /Next:\n {2}node .*d1ops\.js onboard business onb_[0-9a-f]{32} --local --company NAME/,
    );
  });

  test.each([
    ["no place", ["start", "--tenant", "a1", "--user", "b1"], 2, "PLACE_MISSING"],
    ["no tenant", ["start", "--user", "b1", "--local"], 2, "USAGE"],
    [
      "a placeholder as tenant",
      ["start", "--tenant", "default", "--user", "b1", "--local"],
      3,
      "ONBOARDING_FORBIDDEN",
    ],
    ["an unknown session", ["agents", "onb_1", "--local"], 3, "ONBOARDING_NOT_FOUND"],
    ["neither --document nor --none", ["knowledge", "onb_1", "--local"], 2, "USAGE"],
    [
      "both --document and --none",
      ["knowledge", "onb_1", "--local", "--none", "--document", "x"],
      2,
      "USAGE",
    ],
    [
      "a missing document",
      ["knowledge", "onb_1", "--local", "--document", "x"],
      2,
      "INPUT_UNREADABLE",
    ],
    [
      "an unknown country",
      ["start", "--tenant", "a1", "--user", "b1", "--local", "--country", "XX"],
      2,
      "USAGE",
    ],
  ])("exit with their documented code for %s", async (_, args, code, name) => {
    const run = await onboard(localShop(), ...args, "--json");
    expect(errorOf(run).code).toBe(name);
    expect(run.code).toBe(code);
  });

  test("exit with 3 for a step out of order and name the step to run first", async () => {
    const shop = localShop();
    const begun = await onboard(
      shop,
      "start",
      "--tenant",
      "acme",
      "--user",
      "ada",
      "--local",
      "--json",
    );
    const session = sessionOf(reportOf(begun));
    const run = await onboard(shop, "complete", session, "--local", "--json");
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "ONBOARDING_OUT_OF_ORDER",
      details: { missing: ["business", "agents", "assistant", "knowledge"] },
    });
  });
});

describe("onboard run", () => {
  test("onboards a file, writes JSON with the documented keys, and reports a second run in one line of text", async () => {
    const shop = localShop({ "tenants.jsonl": someTenants(2) });
    const first = await onboard(shop, "run", "tenants.jsonl", "--local", "--json");
    expect(withoutProgress(first)).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(first)).toMatchObject({
      command: "onboard run",
      outcome: "changed",
      data: {
        tenants: [
          { tenant: "tenant-1", state: "onboarded", error: null },
          { tenant: "tenant-2", state: "onboarded", error: null },
        ],
      },
    });
    const second = await onboard(shop, "run", "tenants.jsonl", "--local");
    expect(second.stdout).toContain("✓ 2 already onboarded");
  });

  test("reads a CSV file from a spreadsheet", async () => {
    const shop = localShop({ "tenants.csv": `\uFEFF${TABLE}` });
    const run = await onboard(shop, "run", "tenants.csv", "--local", "--json");
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const db = shop.open();
    expect(db.prepare("SELECT company_name, phone FROM tenants").all()).toEqual([
      { company_name: "Acme, Ltd", phone: numberOf(77) },
    ]);
    db.close();
  });

  test.each([
    ["jsonl", someTenants(1)],
    ["csv", TABLE],
  ])("reads the standard input as %s", async (format, text) => {
    const shop = localShop();
    const args = ["run", "-", "--input-format", format, "--local", "--json"];
    const run = await d1ops(shop, ["onboard", ...args], { input: text });
    expect(run.code, run.stderr).toBe(0);
    expect(reportOf(run).summary).toBe("1 onboarded");
    expect(rowCounts(shop)["tenants"]).toBe(1);
  });

  test("reads the standard input from a pipe of the shell", async () => {
    const shop = localShop({ "tenants.txt": someTenants(2) });
    const args = ["run", "-", "--input-format", "jsonl", "--local", "--json"];
    const piped = [`cat tenants.txt | "$0" "$@"`, process.execPath, BIN, "onboard", ...args];
    const run = await runProgram("sh", ["-c", ...piped], shop.dir, {});
    expect(run.code, run.stderr).toBe(0);
    expect(reportOf(run).summary).toBe("2 onboarded");
  });

  test("reports all problems of a file with their lines, exits with 2, and writes nothing", async () => {
    const wrong = `{"tenant":"a"\n${someTenants(1)}${someTenants(1)}${jsonl([
      { ...tenantLine(2), assistant: {} },
    ])}`;
    const shop = localShop({ "tenants.jsonl": wrong });
    const run = await onboard(shop, "run", "tenants.jsonl", "--local");
    expect(run.code).toBe(2);
    for (const line of [1, 3, 4]) expect(run.stdout).toContain(`tenants.jsonl:${line}`);
    expect(run.stdout).not.toContain("tenants.jsonl:2\n");
    expect(run.stdout).toContain("3 invalid lines in tenants.jsonl; no tenant was onboarded");
    expect(rowCounts(shop)["tenants"]).toBe(0);
  });

  test("shows twenty of many tenants as text and counts the others, and has all in JSON", async () => {
    const shop = localShop({ "tenants.jsonl": "{\n".repeat(1000) });
    const text = await onboard(shop, "run", "tenants.jsonl", "--local");
    expect(text.stdout).toContain("980 more of invalid-tenant");
    expect(text.stdout.length).toBeLessThan(10_000);
    const json = await onboard(shop, "run", "tenants.jsonl", "--local", "--json");
    expect(reportOf(json).findings).toHaveLength(1000);
  });

  test("exits with 4 if some tenants failed, with 3 if nothing was changed, and with 1 if a dry run finds failures", async () => {
    const shop = localShop({
      "first.jsonl": jsonl([tenantLine(1)]),
      "second.jsonl": jsonl([
        tenantLine(2),
        tenantLine(3, {
          business: { company_name: "C", industry: "retail", phone: numberOf(1) },
        }),
      ]),
    });
    expect((await onboard(shop, "run", "first.jsonl", "--local")).code).toBe(0);
    const codes = [];
    for (const more of [["--dry-run"], [], []]) {
      codes.push((await onboard(shop, "run", "second.jsonl", "--local", ...more)).code);
    }
    expect(codes).toEqual([1, 4, 3]);
    expect(rowCounts(shop)["tenants"]).toBe(2);
  });

  test.each([
    ["no place", ["run", "tenants.jsonl"], 2, "PLACE_MISSING"],
    ["a missing file", ["run", "nothing.jsonl", "--local"], 2, "INPUT_UNREADABLE"],
    ["a folder", ["run", ".", "--local", "--input-format", "csv"], 2, "INPUT_UNREADABLE"],
    ["an unknown ending", ["run", "tenants.txt", "--local"], 2, "USAGE"],
    ["an unknown format", ["run", "-", "--input-format", "xml", "--local"], 2, "USAGE"],
    ["missing tables", ["run", "tenants.jsonl", "--local"], 3, "ONBOARDING_NOT_READY"],
  ])("exits with its documented code for %s", async (_, args, code, name) => {
    const project = makeProject({ "tenants.jsonl": someTenants(1) });
    const run = await onboard(project, ...args, "--json");
    expect(errorOf(run).code).toBe(name);
    expect(run.code).toBe(code);
  });

  test("writes a JUnit case for each tenant", async () => {
    const shop = localShop({ "tenants.jsonl": someTenants(2) });
    const run = await onboard(shop, "run", "tenants.jsonl", "--local", "--format", "junit");
    expect(run.stdout).toContain('name="tenant-1"');
  });
});
