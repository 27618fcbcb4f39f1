import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOutputFile } from "../../src/files/output-file.ts";
import { folder } from "./folder.ts";

test("a file that is removed between opening and writing is written again", () => {
  using root = folder();
  const path = join(root.path, "report.json");
  const file = openOutputFile(path, "/");
  rmSync(path);
  file.write("{}");
  expect(readFileSync(path, "utf8")).toBe("{}");
});

test("a file whose folder is removed between opening and writing fails, and does not lose the report quietly", () => {
  using root = folder();
  const reports = join(root.path, "reports");
  mkdirSync(reports);
  const file = openOutputFile(join(reports, "report.json"), "/");
  rmSync(reports, { recursive: true });
  expect(() => file.write("{}")).toThrowError(expect.objectContaining({ code: "ENOENT" }));
  file.discard();
  expect(existsSync(reports)).toBe(false);
});
