import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jsonReport } from "../../src/report/json.ts";
import { anyReport } from "./any-report.ts";
import { report, samples } from "./samples.ts";

it.each(Object.entries(samples))(
  "jsonReport of the sample %s parses to the same report",
  (_name, sample) => {
    expect(JSON.parse(jsonReport(sample))).toEqual(sample);
  },
);

it("jsonReport of any report is one object without unsafe characters", () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const json = jsonReport(any);
      expect(JSON.parse(json)).toEqual(any);
      expect(json.startsWith("{\n") && json.endsWith("\n}\n")).toBe(true);
      expect(json.replaceAll("\n", "")).not.toMatch(
        /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u,
      );
      expect(json).not.toContain("##[");
    }),
    { numRuns: 300 },
  );
});

it("jsonReport keeps keys such as __proto__ and ##[x]", () => {
  const data = Object.fromEntries([
    ["__proto__", "own"],
    ["##[x]", "##[y]"],
    ["", 1],
  ]);
  const sample = report({ data });
  expect(Object.keys(data)).toContain("__proto__");
  expect(JSON.parse(jsonReport(sample))).toEqual(sample);
});
