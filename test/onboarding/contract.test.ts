import { afterAll, describe, expect, test } from "vitest";
import { rmSync } from "node:fs";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { connectApi } from "../../src/cloudflare/api.ts";
import { remoteD1 } from "../../src/cloudflare/d1.ts";
import { openLocal } from "../../src/database/local.ts";
import { openRemote } from "../../src/database/remote.ts";
import { target } from "../database/folder.ts";
import { expectedOf, play, scenarios } from "./contract.ts";
import { emptyFile, emptyMemory, folderIn, migrate, type Opened, portsOver } from "./databases.ts";
import { clientOf, libraryOver } from "./library.ts";

/** Every scenario on every adapter. `workerd.slow.test.ts` uses the binding of a real workerd. */

const folder = folderIn();
const cloudflare = await startCloudflare({ timeTravel: "off" });
let databases = 0;

afterAll(async () => {
  await cloudflare.close();
  rmSync(folder, { recursive: true });
});

async function atCloudflare(): Promise<Opened> {
  const { id, name } = cloudflare.createDatabase({ name: `onboarding-${(databases += 1)}` });
  const api = connectApi({
    credentials: { kind: "token", token: cloudflare.token, source: "test" },
    baseUrl: cloudflare.apiBaseUrl,
    userAgent: "test",
    rate: { turn: async () => {}, update() {}, pauseAll() {} },
    clock: { now: () => 0, sleep: async () => {}, random: () => 0 },
  });
  const remote = openRemote(
    remoteD1(api, cloudflare.account, id),
    { place: "remote", database: name, id, env: null },
    { mode: "write" },
  );
  await migrate(remote.d1);
  return remote;
}

const adapters = {
  memory: emptyMemory,
  file: async () =>
    openLocal(emptyFile(folder, `file-${(databases += 1)}`), target, { mode: "write" }),
  remote: atCloudflare,
} as const;

describe.each(Object.entries(adapters))("on a %s database", (where, open) => {
  test.each(scenarios.map((scenario, i) => [scenario.name, scenario, i] as const))(
    "%s",
    async (_, scenario, index) => {
      const { d1, close } = await open();
      const client = clientOf(libraryOver(portsOver(d1)));
      expect(await play(client, scenario, where, index)).toEqual(
        expectedOf(scenario, where, index),
      );
      close();
    },
  );

  test("all scenarios have their expected results one after the other in one database", async () => {
    const { d1, close } = await open();
    const client = clientOf(libraryOver(portsOver(d1)));
    for (const [index, scenario] of scenarios.entries()) {
      const prefix = `s${index}`;
      expect(await play(client, scenario, prefix, index)).toEqual(
        expectedOf(scenario, prefix, index),
      );
    }
    close();
  });
});
