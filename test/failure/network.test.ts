import { expect, test } from "vitest";
import { networkError } from "../../src/failure/network.ts";

async function failureOf(url: string, init?: RequestInit): Promise<unknown> {
  return fetch(url, init).then(
    () => null,
    (error: unknown) => error,
  );
}

test.each<[string, string, RequestInit?]>([
  ["a port that browsers block", "http://127.0.0.1:22/"],
  ["an address that is no URL", "http://"],
  ["a port that does not exist", "http://127.0.0.1:99999/"],
  ["another protocol", "ftp://127.0.0.1/"],
  ["a protocol that no one knows", "storage://127.0.0.1/"],
  ["a file", "file:///tmp/x"],
  ["a password in the address", "http://nia:secret@127.0.0.1/"],
  ["a header with a line break", "http://127.0.0.1:9/", { headers: { a: "x\ny" } }],
])("an error of fetch is final and nothing was sent: %s", async (_, url, init) => {
  const error = networkError(await failureOf(url, init));
  expect(error).toMatchObject({ isFinal: true, isUnsent: true });
  expect(error.message).not.toContain("secret");
});

test("an error of fetch is not final if no server listens", async () => {
  expect(networkError(await failureOf("http://127.0.0.1:39999/"))).toMatchObject({
    isFinal: false,
    isUnsent: true,
  });
});
