import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { source, startChild } from "../database/child.ts";
import { target } from "../database/folder.ts";
import { whole } from "./operations.ts";
import { clockAt, emptyFile, folderIn, portsOver } from "./databases.ts";
import { brokenIn } from "./invariants.ts";

/** Several processes on one local file, and killed processes. */

const folder = folderIn();

afterAll(() => rmSync(folder, { recursive: true }));

const ports = (path: string): string => `
  import { openLocal } from ${source("database/local.ts")};
  import { openOnboarding } from ${source("onboarding/onboarding.ts")};
  import { cryptoRandom } from ${source("onboarding/ports.ts")};
  import { parseInput } from ${source("onboarding/input.ts")};
  import { digestOf, onboardWhole, wholeInput } from ${source("onboarding/whole-tenant.ts")};
  const { d1 } = openLocal(${JSON.stringify(path)}, ${JSON.stringify(target)}, { mode: "write", busyTimeoutMs: 20_000 });
  const ports = { d1, now: () => new Date(), random: cryptoRandom };`;

interface Count {
  readonly n: number;
}

test("five processes that start one tenant ten times each create one tenant and one session", async () => {
  const path = emptyFile(folder, "together");
  const children = Array.from({ length: 5 }, () =>
    startChild(`${ports(path)}
      const onboarding = openOnboarding(ports);
      const all = Array.from({ length: 10 }, () => onboarding.start({ tenant: "acme", user: "ada" }, {}));
      console.log([...new Set((await Promise.all(all)).map(({ session }) => session))].join(" "));`),
  );
  const said = await Promise.all(children.map((child) => child.said));
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toMatch(/^onb_[0-9a-f]{32}$/);
});

test("a killed process leaves only complete tenants, and the next run onboards the others once", async () => {
  const path = emptyFile(folder, "killed");
  const many = 300;
  for (let killed = 0; killed < 3; killed += 1) {
    const child = startChild(`${ports(path)}
      console.log("ready");
      for (let i = 0; i < ${many}; i += 1) {
        const input = parseInput(wholeInput({}), { tenant: "t" + i, user: "u" + i, assistant: { agent_name: "Nora" },
          business: { company_name: "T" + i, industry: "food", phone: "+33639" + (980000 + i) } });
        await onboardWhole(input, await digestOf(input), ports);
      }`);
    await child.said;
    await new Promise((resolve) => setTimeout(resolve, 40 * (killed + 1)));
    await child.kill();
    const { d1, close } = openLocal(path, target, { mode: "write" });
    const halves = `SELECT count(*) AS n FROM tenants AS t WHERE t.onboarding_completed = 0
      OR (SELECT count(*) FROM omni_phone_mappings AS m WHERE m.tenant_id = t.id) <> 1
      OR (SELECT count(*) FROM availability_slots AS s WHERE s.tenant_id = t.id) <> 5`;
    expect(await d1.prepare(halves).first<Count>()).toEqual({ n: 0 });
    close();
  }
  const { d1, close } = openLocal(path, target, { mode: "write" });
  const before = (await d1.prepare("SELECT count(*) AS n FROM tenants").first<Count>())?.n ?? 0;
  const mine = portsOver(d1, clockAt());
  let already = 0;
  for (let i = 0; i < many; i += 1) {
    const said = await whole(mine, {
      tenant: `t${i}`,
      user: `u${i}`,
      business: { company_name: `T${i}`, industry: "food", phone: `+33639${980_000 + i}` },
      knowledge: { documents: [] },
    });
    if (said === "already") already += 1;
  }
  expect(already).toBe(before);
  expect(await d1.prepare("SELECT count(*) AS n FROM tenants").first<Count>()).toEqual({ n: many });
  expect(await brokenIn(d1, "2026")).toEqual([]);
  close();
});
