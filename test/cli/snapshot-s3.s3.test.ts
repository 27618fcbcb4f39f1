import { describe, expect, inject, test } from "vitest";
import { endpoint } from "../s3/s3-home.ts";
import { call, KEY, makeBucket, READER, readableBy } from "../s3/swift.ts";
import { d1ops, errorOf, type Project, reportOf, type Run, withoutProgress } from "../project.ts";
import { contentOf, snapshotOf, snapshotShop } from "./snapshot-shop.ts";

/** The commands of snapshots over a store in Swift. */

interface Variables {
  readonly [name: string]: string | undefined;
}

function variables(more: Variables = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    AWS_ENDPOINT_URL_S3: endpoint(),
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    ...more,
  };
}

async function run(project: Project, args: readonly string[], more?: Variables): Promise<Run> {
  return d1ops(project, ["snapshot", ...args, "--json"], { env: variables(more) });
}

async function ok(project: Project, args: readonly string[], code = 0): Promise<ReportOfRun> {
  const ran = await run(project, args);
  expect(withoutProgress(ran)).toMatchObject({ code, stderr: "" });
  return reportOf(ran);
}

type ReportOfRun = ReturnType<typeof reportOf>;

async function newStore(): Promise<readonly string[]> {
  return ["--store", `s3://${await makeBucket(endpoint())}/shop`];
}

describe.skipIf(inject("swift") === null)("the commands of snapshots over S3", () => {
  test("take, list, show, verify with a drill, compare, restore and prune", async () => {
    const project = await snapshotShop();
    const store = await newStore();
    const before = contentOf(project);
    const taken = snapshotOf((await ok(project, ["take", "--files", "config/**", ...store])).data);
    const again = snapshotOf((await ok(project, ["take", "--files", "config/**", ...store])).data);
    expect(again["digest"]).toBe(taken["digest"]);
    const listed = (await ok(project, ["list", ...store])).data["snapshots"];
    expect(listed).toMatchObject([{ id: again["id"] }, { id: taken["id"] }]);
    const shown = snapshotOf((await ok(project, ["show", String(again["id"]), ...store])).data);
    expect(shown["digest"]).toBe(taken["digest"]);
    expect((await ok(project, ["verify", "--all", "--drill", ...store])).outcome).toBe("ok");

    const db = project.open();
    db.exec("DELETE FROM users WHERE id > 10");
    db.close();
    project.write("config/app.json", "edited");
    expect((await ok(project, ["diff", ...store], 1)).data["equal"]).toBe(false);
    await ok(project, ["restore", "latest", "--local", "--confirm", "shop-db", ...store]);
    expect(contentOf(project)).toEqual(before);
    expect((await ok(project, ["diff", String(taken["id"]), ...store])).data["equal"]).toBe(true);

    const pruned = await ok(project, ["prune", "--keep-last", "1", "--yes", ...store]);
    // All of them are from today, so a running take may use them.
    expect(pruned.outcome).toBe("ok");
    expect((await ok(project, ["verify", "--all", ...store])).outcome).toBe("ok");
  });

  test("copy brings snapshots there and back, with the same bytes", async () => {
    const project = await snapshotShop();
    const { id } = snapshotOf((await ok(project, ["take"])).data);
    const [, place = ""] = await newStore();
    const there = await ok(project, ["copy", "--to", place]);
    expect(there.data).toMatchObject({ to: place, copied: [id], packs: 1 });
    expect((await ok(project, ["copy", "--to", place])).data).toMatchObject({ there: [id] });
    await ok(project, ["verify", "--drill", "--store", place]);
    await ok(project, ["copy", "--all", "--store", place, "--to", "third"]);
    await ok(project, ["verify", "--drill", "--store", "third"]);
    const same = await run(project, ["copy", "--store", place, "--to", `${place}/`]);
    expect(errorOf(same).code).toBe("USAGE");
  });

  test("the key may be in .env, and no message has it", async () => {
    const project = await snapshotShop();
    const store = await newStore();
    project.write(
      ".env",
      `AWS_ACCESS_KEY_ID=${KEY.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${KEY.secretAccessKey}\n`,
    );
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const taken = await run(project, ["take", ...store], none);
    expect(taken).toMatchObject({ code: 0 });
    expect(taken.stdout + taken.stderr).not.toContain(KEY.secretAccessKey);
  });

  test("an encrypted store reveals nothing to a user without the passphrase", async () => {
    const project = await snapshotShop();
    const store = await newStore();
    const phrase = { D1OPS_PASSPHRASE: "correct horse battery staple" };
    expect((await run(project, ["take", "--passphrase", ...store], phrase)).code).toBe(0);
    expect((await run(project, ["verify", "--drill", ...store], phrase)).code).toBe(0);
    expect(errorOf(await run(project, ["verify", ...store])).code).toBe("SNAPSHOT_LOCKED");
  });

  test("a damaged object is named, and its snapshot is not restored", async () => {
    const project = await snapshotShop();
    const bucket = await makeBucket(endpoint());
    const store = ["--store", `s3://${bucket}`];
    await ok(project, ["take", ...store]);
    const listing = await (
      await call(endpoint(), `/${bucket}?list-type=2&prefix=packs/`, {})
    ).text();
    const [, key = ""] = /<Key>([^<]+)<\/Key>/.exec(listing) ?? [];
    const bytes = new Uint8Array(
      await (await call(endpoint(), `/${bucket}/${key}`, {})).arrayBuffer(),
    );
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await call(endpoint(), `/${bucket}/${key}`, { method: "PUT", body: bytes });
    const db = project.open();
    db.exec("DELETE FROM users");
    db.close();
    const before = contentOf(project);
    const { findings } = await ok(project, ["verify", ...store], 1);
    expect(findings.map(({ rule }) => rule)).toContain("snapshot-damaged");
    expect(findings.some(({ message }) => message.includes(key))).toBe(true);
    const restored = await run(project, [
      "restore",
      "latest",
      "--local",
      "--confirm",
      "shop-db",
      ...store,
    ]);
    expect(errorOf(restored).code).toBe("SNAPSHOT_DAMAGED");
    expect(contentOf(project)).toEqual(before);
  });

  test.for([
    [
      "a wrong secret",
      { AWS_SECRET_ACCESS_KEY: "not-the-secret" },
      "STORE_REFUSED",
      "SignatureDoesNotMatch",
      "AWS_SECRET_ACCESS_KEY does not belong",
    ],
    [
      "a key without permissions",
      { AWS_ACCESS_KEY_ID: READER.accessKeyId, AWS_SECRET_ACCESS_KEY: READER.secretAccessKey },
      "STORE_REFUSED",
      "AccessDenied",
      "needs the permission to read, write and list",
    ],
  ] as const)(
    "%s is refused at once, and the message does not repeat the secret",
    async ([, more, code, reason, hint]) => {
      const project = await snapshotShop();
      const store = await newStore();
      for (const verb of ["take", "list", "verify"]) {
        const ran = await run(project, [verb, ...store], more);
        expect(ran.code).toBe(6);
        expect(errorOf(ran)).toMatchObject({
          code,
          details: { store: store[1], status: 403, code: reason },
          hint: expect.stringContaining(hint),
        });
        expect(ran.stdout + ran.stderr).not.toContain("not-the-secret");
      }
    },
  );

  test("a missing bucket is an error with the way to create it, and d1ops creates none", async () => {
    const project = await snapshotShop();
    const ran = await run(project, ["take", "--store", "s3://no-such-bucket"]);
    expect(ran.code).toBe(6);
    expect(errorOf(ran)).toMatchObject({
      code: "STORE_REFUSED",
      details: { code: "NoSuchBucket", status: 404 },
      hint: expect.stringContaining("Create the bucket no-such-bucket"),
    });
  });

  test("a key that may only read can verify and restore, and not take", async () => {
    const project = await snapshotShop();
    const bucket = await makeBucket(endpoint());
    await readableBy(endpoint(), bucket);
    const store = ["--store", `s3://${bucket}`];
    await ok(project, ["take", ...store]);
    const reader = {
      AWS_ACCESS_KEY_ID: READER.accessKeyId,
      AWS_SECRET_ACCESS_KEY: READER.secretAccessKey,
    };
    expect((await run(project, ["verify", "--drill", ...store], reader)).code).toBe(0);
    const taken = await run(project, ["take", ...store], reader);
    expect(errorOf(taken)).toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining("could not write snapshots/"),
      details: { code: "AccessDenied" },
    });
  });
});
