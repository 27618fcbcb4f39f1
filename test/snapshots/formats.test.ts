import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { snapshotList, snapshotRestore, snapshotShow, snapshotVerify } from "../../src/index.ts";
import { FORMAT } from "../../src/snapshots/store/manifest.ts";
import { contentOf, PASSPHRASE, STORES, writeConfig } from "../fixtures/snapshots/support.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/snapshots");
const formats = readdirSync(FIXTURES).filter((name) => name.startsWith("format-"));

/** A project without a database, and a copy of a store. */
function projectWith(store: string): { readonly cwd: string; readonly store: string } {
  const cwd = mkdtempSync(join(tmpdir(), "d1ops-format-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeConfig(cwd);
  cpSync(store, join(cwd, "backups"), { recursive: true });
  return { cwd, store: "backups" };
}

test("each format that this version can write has its stores, which make.ts made", () => {
  expect(formats).toContain(`format-${FORMAT}`);
});

describe.each(formats)("the stores of %s, made when it was new,", (format) => {
  const folder = join(FIXTURES, format);
  const keys = { identity: [join(folder, "key.txt")], variables: {} };
  const contents: unknown = JSON.parse(readFileSync(join(folder, "contents.json"), "utf8"));

  test.each(STORES)("pass a drill, and restore to what was taken: %s", async (name) => {
    const project = projectWith(join(folder, name));
    const { data } = await snapshotList({ ...project, ...keys });
    const listed = [data["snapshots"]].flat() as unknown as readonly { readonly id: string }[];
    expect(listed).toMatchObject([
      { appended: name === "appended", files: 2, proofs: [{ how: "drill" }] },
      { appended: false, files: 1, proofs: [{ how: "drill" }] },
    ]);
    const verified = await snapshotVerify({ ...project, ...keys, all: true, drill: true });
    expect(verified.data["snapshots"]).toMatchObject([
      { intact: true, drill: true },
      { intact: true, drill: true },
    ]);
    const restored: string[] = [];
    for (const { id } of listed.toReversed()) {
      await snapshotRestore({ ...project, ...keys, id, place: "local", confirm: "shop-db" });
      restored.push(contentOf(project.cwd));
    }
    expect(restored).toEqual(contents);
  });

  test("are unlocked by the passphrase", async () => {
    const project = projectWith(join(folder, "encrypted"));
    const { data } = await snapshotList({
      ...project,
      variables: { D1OPS_PASSPHRASE: PASSPHRASE },
    });
    expect(data).toMatchObject({ locked: 0, snapshots: [{}, {}] });
  });
});

test("a snapshot of a newer format is rejected with its number, by each command that needs it", async () => {
  const project = projectWith(join(FIXTURES, "newer"));
  const [id = ""] = readdirSync(join(project.cwd, "backups/snapshots"));
  const rejected = { code: "SNAPSHOT_FORMAT", details: { format: 2 } };
  const options = { ...project, variables: {}, id };
  await expect(snapshotShow(options)).rejects.toMatchObject(rejected);
  await expect(snapshotVerify(options)).rejects.toMatchObject(rejected);
  await expect(
    snapshotRestore({ ...options, place: "local", confirm: "shop-db" }),
  ).rejects.toMatchObject(rejected);
  const list = await snapshotList({ ...project, variables: {} });
  expect(list).toMatchObject({
    exitCode: 1,
    findings: [{ rule: "snapshot-unreadable", data: { code: "SNAPSHOT_FORMAT" } }],
  });
});
