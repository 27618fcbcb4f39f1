import Cloudflare from "cloudflare";
import { expect, test } from "vitest";
import { fakeFixture, ID } from "./fake-fixture.ts";

test("the official client of Cloudflare reads the fake's answers", async () => {
  const { cloudflare, database } = await fakeFixture();
  const { apiBaseUrl, account: account_id, token } = cloudflare;
  const { d1, user } = new Cloudflare({ baseURL: apiBaseUrl, apiToken: token, maxRetries: 0 });

  expect(await user.tokens.verify()).toMatchObject({ status: "active" });
  const made = await d1.database.create({ account_id, name: "made" });
  const names: unknown[] = [];
  for await (const { name } of d1.database.list({ account_id, per_page: 1 })) names.push(name);
  expect(names).toEqual(["shop-db", "made"]);
  expect(await d1.database.get(ID, { account_id, fields: ["uuid"] })).toEqual({ uuid: ID });
  await d1.database.edit(ID, { account_id, read_replication: { mode: "auto" } });
  await d1.database.delete(made.uuid ?? "", { account_id });

  const sql = "SELECT ? AS a";
  const { result } = await d1.database.query(ID, { account_id, sql, params: ["x"] });
  expect(result).toMatchObject([{ results: [{ a: "x" }] }]);
  const raw = await d1.database.raw(ID, { account_id, batch: [{ sql, params: ["x"] }] });
  expect(raw.result).toMatchObject([{ results: { columns: ["a"], rows: [["x"]] } }]);

  const { bookmark = "" } = await d1.database.timeTravel.getBookmark(ID, { account_id });
  expect(bookmark).toBe(database.bookmark());
  await d1.database.query(ID, { account_id, sql: "CREATE TABLE t(a)" });
  const restored = await d1.database.timeTravel.restore(ID, { account_id, bookmark });
  expect(restored.bookmark).toBe(database.bookmark());

  const started = await d1.database.export(ID, { account_id, output_format: "polling" });
  const done = await d1.database.export(ID, {
    account_id,
    output_format: "polling",
    current_bookmark: started.at_bookmark ?? "",
  });
  expect(done.status).toBe("complete");
  await expect(d1.database.query(ID, { account_id, sql: "SELEC" })).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 7500 }],
  });
});
