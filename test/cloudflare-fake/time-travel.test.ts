import { expect, test } from "vitest";
import { fakeFixture, type FakeFixture, rowsOf, type FakeResponse } from "./fake-fixture.ts";

interface Restored {
  readonly bookmark: string;
  readonly previous_bookmark: string;
}

async function restore({ d1 }: FakeFixture, search: string): Promise<Restored> {
  const { body } = await d1("POST", `/time_travel/restore?${search}`);
  expect(body.errors).toEqual([]);
  return body.result as Restored;
}

async function content({ query }: FakeFixture): Promise<unknown> {
  return rowsOf(await query("SELECT group_concat(a) AS all_of_it FROM t"))[0];
}

async function withRows(): Promise<{ home: FakeFixture; one: string; two: string }> {
  const home = await fakeFixture();
  await home.query("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  const one = home.database.bookmark();
  await home.query("INSERT INTO t VALUES(2)");
  return { home, one, two: home.database.bookmark() };
}

test("each change creates a bookmark that sorts by time, and a read creates none", async () => {
  const { home, one, two } = await withRows();
  expect(one).toMatch(/^[\da-f]{8}-[\da-f]{8}-[\da-f]{8}-[\da-f]{32}$/);
  expect(two > one).toBe(true);
  await home.query("SELECT * FROM t");
  await home.query("INSERT INTO t VALUES(3); SELEC");
  const asked = await home.d1("GET", "/time_travel/bookmark?");
  expect(asked.body.result).toEqual({ bookmark: two });
  await home.query("ALTER TABLE t ADD COLUMN b");
  expect(home.database.bookmark() > two).toBe(true);
});

test("a write of another program to the file creates a bookmark", async () => {
  const { home, two } = await withRows();
  using db = home.database.open();
  db.exec("INSERT INTO t VALUES(9)");
  const nine = home.database.bookmark();
  expect(nine > two).toBe(true);
  db.exec("DELETE FROM t");
  await restore(home, `bookmark=${nine}`);
  expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 3 });
});

test("a restore returns the database to its exact state, has its own bookmark, and can be undone", async () => {
  const { home, one, two } = await withRows();
  await home.query("DROP TABLE t; CREATE TABLE other(x)");
  const dropped = home.database.bookmark();
  const back = await restore(home, `bookmark=${one}`);
  expect(back.previous_bookmark).toBe(dropped);
  expect(back.bookmark > dropped).toBe(true);
  expect(home.database.bookmark()).toBe(back.bookmark);
  // A database created again under the same name has none of the earlier state.
  const fresh = await home.query("SELECT last_insert_rowid() AS last");
  expect(rowsOf(fresh)).toEqual([[{ last: 0 }]]);
  expect(await content(home)).toEqual([{ all_of_it: "1" }]);
  await home.query("INSERT INTO t VALUES('after')");
  expect(await content(home)).toEqual([{ all_of_it: "1,after" }]);

  await restore(home, `bookmark=${back.previous_bookmark}`);
  expect(rowsOf(await home.query("SELECT name FROM sqlite_schema WHERE name='t'"))).toEqual([[]]);
  // Later bookmarks remain valid.
  await restore(home, `bookmark=${two}`);
  expect(await content(home)).toEqual([{ all_of_it: "1,2" }]);
});

test("a restore to a time uses the last bookmark at or before it", async () => {
  const { home, two } = await withRows();
  const timestamp = new Date(Date.now() + 5).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await home.query("DELETE FROM t");
  const asked = await home.d1("GET", `/time_travel/bookmark?timestamp=${timestamp}`);
  expect(asked.body.result).toEqual({ bookmark: two });
  await restore(home, `timestamp=${timestamp}`);
  expect(await content(home)).toEqual([{ all_of_it: "1,2" }]);
});

const NEVER = "00000000-00000000-00000000-00000000000000000000000000000000";

test.each([
  ["a request with neither time nor bookmark", "", "bookmark or timestamp is required"],
  ["an unknown bookmark", `bookmark=${NEVER}`, "invalid bookmark"],
  ["an invalid time", "timestamp=yesterday", "invalid timestamp"],
  [
    "a time of more than 30 days ago",
    "timestamp=2020-01-01T00:00:00Z",
    "timestamp is older than 30 days",
  ],
  [
    "before the database existed",
    `timestamp=${new Date(Date.now() - 60_000).toISOString()}`,
    "there was no database at that time",
  ],
])("a restore is rejected for %s", async (_, search, why) => {
  const { d1 } = await fakeFixture();
  const { status, body } = await d1("POST", `/time_travel/restore?${search}`);
  expect(status).toBe(400);
  expect(body.errors).toEqual([{ code: 7400, message: `The request is malformed: ${why}` }]);
});

test("the eleventh restore in ten minutes is rejected", async () => {
  const { home, one } = await withRows();
  for (let i = 0; i < 10; i++) await restore(home, `bookmark=${one}`);
  const { status } = await home.d1("POST", `/time_travel/restore?bookmark=${one}`);
  expect(status).toBe(429);
});

test("a query waits for a restore and reads its result", async () => {
  const { home, two } = await withRows();
  using db = home.database.open();
  // Much data, so that the restore takes a while.
  db.exec(`CREATE TABLE big(b); INSERT INTO big
    SELECT randomblob(1000000) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')`);
  const full = home.database.bookmark();
  await restore(home, `bookmark=${two}`);
  const restored = restore(home, `bookmark=${full}`);
  const inserted: Promise<FakeResponse>[] = [];
  for (let i = 0; i < 20; i++) {
    inserted.push(home.query(`INSERT INTO t VALUES(${i})`));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await restored;
  for (const { status } of await Promise.all(inserted)) expect(status).toBe(200);
  expect(rowsOf(await home.query("SELECT count(*) AS n FROM big"))).toEqual([[{ n: 20 }]]);
});

test("the fake with `bookmarks only` has bookmarks and rejects restores", async () => {
  const home = await fakeFixture({ timeTravel: "bookmarks only" });
  const bookmark = home.database.bookmark();
  await home.query("CREATE TABLE t(a)");
  expect(home.database.bookmark() > bookmark).toBe(true);
  const { status } = await home.d1("POST", `/time_travel/restore?bookmark=${bookmark}`);
  expect(status).toBe(400);
});

test("a restore returns the requested bookmark if restoreTells is `requested`", async () => {
  const home = await fakeFixture({ restoreTells: "requested" });
  const before = home.database.bookmark();
  await home.query("CREATE TABLE t(a)");
  expect((await restore(home, `bookmark=${before}`)).bookmark).toBe(before);
});
