import { describe, expect, it, vi } from "vitest";
import { OpsError } from "../../src/report/error.ts";

const made = (Class: typeof OpsError): OpsError =>
  new Class("USAGE", { argument: "x" }, { message: "what", hint: "next" });

describe("OpsError", () => {
  it("recognises an error of another copy of the class, because the bundle and the library each have one", async () => {
    vi.resetModules();
    const copy = await import("../../src/report/error.ts");
    expect(copy.OpsError).not.toBe(OpsError);
    expect(made(copy.OpsError) instanceof OpsError).toBe(true);
    expect(made(OpsError) instanceof copy.OpsError).toBe(true);
  });

  it("recognises no other value, not even an error of the same name", () => {
    const other = Object.assign(new Error("what"), { code: "USAGE", details: {}, hint: "next" });
    other.name = "OpsError";
    for (const value of [other, {}, null, undefined, "OpsError"]) {
      expect(value instanceof OpsError).toBe(false);
    }
  });

  it("accepts only the codes of the core, each with its details", () => {
    const text = { message: "what", hint: "next" };
    // The annotation must not widen the details.
    const errors: OpsError[] = [
      // @ts-expect-error
      new OpsError("USAGE", { path: "x" }, text),
      // @ts-expect-error
      new OpsError("UNKNOWN", {}, text),
    ];
    expect(errors.map(({ code }) => code)).toEqual(["USAGE", "UNKNOWN"]);
  });

  it("shows its mark in none of its keys", () => {
    expect(Object.keys(made(OpsError))).toEqual(["name", "code", "details", "hint"]);
  });
});
