import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";
import { d1ops } from "../project.ts";
import { all, edit, makeRemoteShop } from "./clone-remote-shop.ts";
import { clone, openFile } from "./clone-shop.ts";
import { expire, killAfter } from "./remote-kill.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 6);

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

const CLONE = ["file:prod.sqlite", "env:staging", "--mask", "masks.jsonc"];

const OBJECTS =
  "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' AND tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1";

/** `mine` is a table of staging. The others are those of production. */
function contentOf(database: RemoteDatabase): unknown {
  const objects = all(database, OBJECTS) as { name: string }[];
  const tables = ["mine", "users", "orders", "audit", "notes"].filter((name) =>
    objects.some((one) => one.name === name),
  );
  return { objects, rows: tables.map((name) => all(database, `SELECT * FROM ${name} ORDER BY 1`)) };
}

/** Many rows, so that a killed clone can leave a part of them. */
const GROWN =
  "WITH RECURSIVE k(i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM k WHERE i < 3500) INSERT INTO users(id, email, bio) SELECT i, 'Nia.'||i||'@corp-mail.test', hex(randomblob(200)) FROM k";

const PRESENT =
  "CREATE TABLE mine(x); INSERT INTO mine VALUES (1), (2); CREATE TABLE users(id INTEGER PRIMARY KEY, name); INSERT INTO users VALUES (7, 'staging')";

test(
  `each of ${KILLS} killed clones into a remote database is completed by the same command, and the first way back undoes it`,
  { timeout: 600_000 },
  async () => {
    const shop = makeRemoteShop(cloudflare);
    const grow = openFile(shop, "prod.sqlite");
    grow.exec(GROWN);
    grow.close();
    const env = {
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      D1OPS_MASK_KEY: "a secret of the test, long enough",
      ...cloudflare.variables(),
    };
    const args = [...CLONE, "--confirm", shop.staging.name];
    const clear = (): void => {
      const objects = all(shop.staging, OBJECTS) as { name: string; sql: string }[];
      const virtual = objects.filter(({ sql }) => sql.startsWith("CREATE VIRTUAL"));
      for (const { name } of virtual) edit(shop.staging, `DROP TABLE ${name}`);
      for (const table of ["orders", "users", "audit", "mine"])
        edit(shop.staging, `DROP TABLE IF EXISTS ${table}`);
      edit(shop.staging, PRESENT);
    };
    clear();
    const before = contentOf(shop.staging);
    const start = cloudflare.log.length;
    expect((await clone(shop, args, env)).code).toBe(0);
    const requests = cloudflare.log.length - start;
    const expected = contentOf(shop.staging);
    let landed = 0;
    let halves = 0;
    let wayBack: string | null = null;
    for (let n = 0; n < KILLS; n += 1) {
      clear();
      // The reads of the plan come first. Each kill is a little later.
      const at = Math.floor(requests * (0.3 + (0.7 * n) / KILLS));
      const kill = { project: shop, args: ["clone", ...args], env, requests: at };
      landed += (await killAfter(cloudflare, kill)) ? 1 : 0;
      const now = JSON.stringify(contentOf(shop.staging));
      const isHalf = [before, expected].every((one) => JSON.stringify(one) !== now);
      halves += isHalf ? 1 : 0;
      if (isHalf) wayBack ??= (await d1ops(shop, ["snapshot", "list"], { env })).stdout;
      expire(shop.staging);
      expect((await clone(shop, args, env)).code, `killed after ${at} requests`).toBe(0);
      expect(contentOf(shop.staging), `killed after ${at} requests`).toEqual(expected);
    }
    expect(landed).toBeGreaterThan(KILLS / 2);
    // Kills before the first write, or after the last one, would check too little.
    expect(halves).toBeGreaterThan(0);
    const [id = ""] = /[0-9a-f]{8}/.exec(wayBack ?? "") ?? [];
    const undo = ["snapshot", "restore", id, "--to", "env:staging", "--confirm", shop.staging.name];
    expect((await d1ops(shop, undo, { env })).code).toBe(0);
    expect(contentOf(shop.staging)).toEqual(before);
  },
);
