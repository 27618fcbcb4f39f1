import { expect, test } from "vitest";
import { folderForEach } from "./folder.ts";
import { killRestores } from "./kill-restores.ts";

const folder = folderForEach();

test(
  "restoreInto leaves the old or the new database at each of 100 kills",
  { timeout: 1_800_000 },
  async () => {
    const { during } = await killRestores(folder.path, 100);
    process.stdout.write(`${during} of 100 kills during a transaction\n`);
    expect(during).toBeGreaterThan(20);
  },
);
