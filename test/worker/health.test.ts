import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { healthOf, REQUIRED } from "../../src/worker/health.ts";
import { ROOT } from "../project.ts";
import { migrate, MIGRATIONS, openWorkerFixture } from "./worker-fixture.ts";

const { version }: { version: string } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);

describe("health", () => {
  test("requires the last migration of the repository", () => {
    expect(REQUIRED).toBe(MIGRATIONS.at(-1));
  });

  test("returns 200 with both versions if the required migration is applied", async () => {
    const { ask } = await openWorkerFixture({
      env: { CF_VERSION_METADATA: { id: "v-1", tag: "" } },
    });
    const answer = await ask("GET", "/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: "ok",
      version,
      release: "v-1",
      schema: { level: REQUIRED, required: REQUIRED, ok: true },
    });
  });

  test.each([
    ["is behind", MIGRATIONS.slice(0, -1), "schema-behind", MIGRATIONS.at(-2) ?? null],
    ["has no migrations at all", [], "schema-behind", null],
  ] as const)("returns 503 if the database %s", async (_, names, status, level) => {
    const { d1, close } = openMemory();
    await migrate(d1, names);
    expect(await healthOf(d1, null)).toMatchObject({ status, schema: { level, ok: false } });
    close();
  });

  test("returns 503 without a ledger", async () => {
    const { ask, d1 } = await openWorkerFixture();
    await d1.prepare("DROP TABLE d1_migrations").run();
    const answer = await ask("GET", "/health");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: "schema-behind",
      schema: { level: null, ok: false },
    });
  });

  test("returns 200 if the required migration has another number, as a copy in another project", async () => {
    const { ask, d1 } = await openWorkerFixture();
    const renumber = d1.prepare("UPDATE d1_migrations SET name = ? WHERE name = ?");
    await renumber.bind("0042_onboarding_keys.sql", REQUIRED).run();
    expect((await ask("GET", "/health")).status).toBe(200);
    await renumber.bind("0042_onboarding_keys.sql.bak", "0042_onboarding_keys.sql").run();
    expect((await ask("GET", "/health")).status).toBe(503);
  });

  test("returns 200 if later migrations are applied", async () => {
    const { ask, d1 } = await openWorkerFixture();
    await d1.prepare("INSERT INTO d1_migrations(name) VALUES ('0099_later.sql')").run();
    const answer = await ask("GET", "/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ schema: { level: "0099_later.sql" } });
  });

  test("returns 503 without the message if the database is unavailable", async () => {
    const { ask } = await openWorkerFixture({
      around: (d1) => ({
        ...d1,
        batch: (all) => d1.batch(all),
        exec: (query) => d1.exec(query),
        prepare: () => {
          throw new Error("D1_ERROR: Network connection lost.");
        },
      }),
    });
    const answer = await ask("GET", "/health");
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("Network");
  });
});
