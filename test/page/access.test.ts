import { describe, expect, test } from "vitest";
import { accessIn, headersOf } from "../../src/page/access.ts";

describe("accessIn", () => {
  test.each([
    ["", null],
    ["#assistant", null],
    ["#token=", null],
    ["#token=%20", null],
    ["#token=abc.def", { token: "abc.def", tenant: "", user: "" }],
    [
      "#token=k&tenant=acme&user=ada%40example.com",
      { token: "k", tenant: "acme", user: "ada@example.com" },
    ],
  ])("reads the credentials of the fragment '%s'", (fragment, access) => {
    expect(accessIn(fragment)).toEqual(access);
  });
});

test("headersOf contains no header for a tenant or user that the link does not name", () => {
  expect(headersOf({ token: "k", tenant: "", user: "" })).toEqual({ authorization: "Bearer k" });
  expect(headersOf({ token: "k", tenant: "acme", user: "ada" })).toEqual({
    authorization: "Bearer k",
    "x-tenant-id": "acme",
    "x-user-id": "ada",
  });
});
