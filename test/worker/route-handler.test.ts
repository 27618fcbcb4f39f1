import { describe, expect, test } from "vitest";
import { readJson } from "../../src/worker/route-handler.ts";
import { ProblemError } from "../../src/worker/problem-details.ts";

const JSON_TYPE = { "content-type": "application/json" };
const URL_OF_TESTS = "http://worker.test/";

/** A body in chunks of ten bytes, and the number of bytes that were read. */
function countedBody(bytes: number): {
  readonly body: ReadableStream<Uint8Array>;
  bytesRead: number;
} {
  const state = {
    bytesRead: 0,
    body: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (state.bytesRead >= bytes) controller.close();
          else controller.enqueue(new Uint8Array(10).fill(0x20));
          state.bytesRead += 10;
        },
      },
      { highWaterMark: 0 },
    ),
  };
  return state;
}

function post(body: NonNullable<RequestInit["body"]>, headers: Record<string, string>): Request {
  return new Request(URL_OF_TESTS, { method: "POST", headers, body, duplex: "half" });
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.code : String(error);
}

describe("readJson", () => {
  test.each([
    ["{}", {}],
    ['{"a":[1,"é"]}', { a: [1, "é"] }],
    ["\ufeff{}", {}],
    ["null", null],
  ])("parses the body %j", async (text, value) => {
    expect(await readJson(post(text, JSON_TYPE), 100)).toEqual(value);
  });

  test.each(["application/json", "Application/JSON; charset=utf-8", "application/json ;x=1"])(
    "accepts the content type %s",
    async (type) => {
      expect(await readJson(post("{}", { "content-type": type }), 100)).toEqual({});
    },
  );

  test.each(["text/plain", "application/json5", "application/problem+json", "x application/json"])(
    "rejects the content type %s",
    async (type) => {
      expect(await codeOf(readJson(post("{}", { "content-type": type }), 100))).toBe(
        "BODY_NOT_JSON",
      );
    },
  );

  test("returns undefined for an empty body of any type", async () => {
    expect(await readJson(new Request(URL_OF_TESTS, { method: "POST" }), 100)).toBeUndefined();
    expect(await readJson(post("", { "content-type": "text/plain" }), 100)).toBeUndefined();
  });

  test("accepts a body of exactly the limit and rejects one more byte", async () => {
    const text = JSON.stringify("é".repeat(49));
    expect(new TextEncoder().encode(text)).toHaveLength(100);
    expect(await readJson(post(text, JSON_TYPE), 100)).toBe("é".repeat(49));
    expect(await codeOf(readJson(post(`${text} `, JSON_TYPE), 100))).toBe("BODY_TOO_LARGE");
  });

  test("rejects an incomplete body as BODY_UNREADABLE", async () => {
    const cut = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"email":'));
        controller.error(new Error("Network connection lost."));
      },
    });
    expect(await codeOf(readJson(post(cut, JSON_TYPE), 100))).toBe("BODY_UNREADABLE");
  });

  test("reads nothing if Content-Length exceeds the limit", async () => {
    const source = countedBody(1_000_000);
    const request = post(source.body, { ...JSON_TYPE, "content-length": "1000000" });
    expect(await codeOf(readJson(request, 100))).toBe("BODY_TOO_LARGE");
    expect(source.bytesRead).toBe(0);
  });

  test.each([{}, { "content-length": "10" }, { "content-length": "none" }] as const)(
    "stops at the limit if Content-Length is missing or wrong: %j",
    async (length: Record<string, string>) => {
      const source = countedBody(1_000_000);
      const request = post(source.body, { ...JSON_TYPE, ...length });
      expect(await codeOf(readJson(request, 100))).toBe("BODY_TOO_LARGE");
      expect(source.bytesRead).toBe(110);
    },
  );
});
