import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOutputFile } from "../../src/files/output-file.ts";
import { folder } from "./temporary-folder.ts";

test("an output file that is removed between opening and writing is written again", () => {
  using root = folder();
  const path = join(root.path, "report.json");
  const file = openOutputFile(path, "/");
  rmSync(path);
  file.write("{}");
  expect(readFileSync(path, "utf8")).toBe("{}");
});

test("writing an output file fails if its folder was removed, so that the report is not lost silently", () => {
  using root = folder();
  const reports = join(root.path, "reports");
  mkdirSync(reports);
  const file = openOutputFile(join(reports, "report.json"), "/");
  rmSync(reports, { recursive: true });
  expect(() => file.write("{}")).toThrowError(expect.objectContaining({ code: "ENOENT" }));
  file.discard();
  expect(existsSync(reports)).toBe(false);
});
