import { describe, expect, test } from "vitest";
import { accessIn, headersOf } from "../../src/page/access.ts";

describe("what a link brings", () => {
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
  ])("%s", (fragment, access) => {
    expect(accessIn(fragment)).toEqual(access);
  });
});

test("only what is known is claimed", () => {
  expect(headersOf({ token: "k", tenant: "", user: "" })).toEqual({ authorization: "Bearer k" });
  expect(headersOf({ token: "k", tenant: "acme", user: "ada" })).toEqual({
    authorization: "Bearer k",
    "x-tenant-id": "acme",
    "x-user-id": "ada",
  });
});
