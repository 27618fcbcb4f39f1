import { existsSync, readdirSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { d1ops, makeProject, type Project, start, withoutProgress } from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";
import { until } from "../until.ts";
import { takeIn } from "./snapshot-shop.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 8);

/** Snapshots of a file of incompressible bytes, each with a pack of its own. */
const SNAPSHOTS = 6;

const KEY = ["--identity", "key.txt"];

async function history(recipient: string, identity: string): Promise<Project> {
  const project = makeProject({ "key.txt": `${identity}\n` });
  for (let at = 0; at < SNAPSHOTS; at += 1) {
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.random() * 256));
    project.write("config/data.bin", bytes);
    const key = at === 0 ? ["--recipient", recipient] : KEY;
    await takeIn(project, "--without-database", "--files", "config/**", ...key);
  }
  return project;
}

function objectsOf(project: Project, store: string): string[] {
  const path = join(project.dir, store);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    /[\da-f]{64}$/.test(name),
  );
}

async function expectWhole(project: Project, flags: readonly string[]): Promise<void> {
  const verified = await d1ops(project, ["snapshot", "verify", "--all", ...flags, "--json"]);
  expect(withoutProgress(verified)).toMatchObject({ code: 0, stderr: "" });
}

test(`a killed copy of an encrypted store leaves whole snapshots only, after each of ${KILLS} kills, and the next one completes`, async () => {
  const { identity, recipient } = await newIdentity();
  const project = await history(recipient, identity);
  let landed = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const to = `second-${kill}`;
    const COPY = ["snapshot", "copy", "--all", "--to", to, ...KEY];
    // A pack and a manifest of each snapshot, and the key.
    const objects = Math.floor((kill / KILLS) * SNAPSHOTS * 2);
    const child = start(project, COPY);
    const ended = once(child, "exit");
    await until(() => child.exitCode !== null || objectsOf(project, to).length > objects);
    child.kill("SIGKILL");
    const [, signal] = await ended;
    landed += signal === "SIGKILL" ? 1 : 0;
    if (objectsOf(project, to).some((name) => name.startsWith("snapshots"))) {
      await expectWhole(project, ["--store", to, ...KEY]);
    }
    const again = await d1ops(project, [...COPY, "--json"]);
    expect(withoutProgress(again)).toMatchObject({ code: 0, stderr: "" });
    const proven = (name: string): boolean => !name.startsWith("proofs");
    expect(objectsOf(project, to).filter(proven).toSorted()).toEqual(
      objectsOf(project, "backups").filter(proven).toSorted(),
    );
    await expectWhole(project, ["--store", to, ...KEY]);
  }
  expect(landed).toBeGreaterThan(KILLS / 2);
});
