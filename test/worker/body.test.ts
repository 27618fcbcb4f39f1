import { describe, expect, test } from "vitest";
import { readJson } from "../../src/worker/body.ts";
import { Refusal } from "../../src/worker/problem.ts";

const JSON_TYPE = { "content-type": "application/json" };
const URL_OF_TESTS = "http://worker.test/";

/** A body in pieces of ten bytes, and how many bytes of it were asked for. */
function pouring(bytes: number): { readonly body: ReadableStream<Uint8Array>; poured: number } {
  const state = {
    poured: 0,
    body: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (state.poured >= bytes) controller.close();
          else controller.enqueue(new Uint8Array(10).fill(0x20));
          state.poured += 10;
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
  return error instanceof Refusal ? error.code : String(error);
}

describe("a body", () => {
  test.each([
    ["{}", {}],
    ['{"a":[1,"é"]}', { a: [1, "é"] }],
    ["\ufeff{}", {}],
    ["null", null],
  ])("%j is read", async (text, value) => {
    expect(await readJson(post(text, JSON_TYPE), 100)).toEqual(value);
  });

  test.each(["application/json", "Application/JSON; charset=utf-8", "application/json ;x=1"])(
    "is JSON by its type: %s",
    async (type) => {
      expect(await readJson(post("{}", { "content-type": type }), 100)).toEqual({});
    },
  );

  test.each(["text/plain", "application/json5", "application/problem+json", "x application/json"])(
    "is no JSON by its type: %s",
    async (type) => {
      expect(await codeOf(readJson(post("{}", { "content-type": type }), 100))).toBe(
        "BODY_NOT_JSON",
      );
    },
  );

  test("none at all is undefined, whatever its type", async () => {
    expect(await readJson(new Request(URL_OF_TESTS, { method: "POST" }), 100)).toBeUndefined();
    expect(await readJson(post("", { "content-type": "text/plain" }), 100)).toBeUndefined();
  });

  test("may be as long as it may be, to the byte", async () => {
    const text = JSON.stringify("é".repeat(49));
    expect(new TextEncoder().encode(text)).toHaveLength(100);
    expect(await readJson(post(text, JSON_TYPE), 100)).toBe("é".repeat(49));
    expect(await codeOf(readJson(post(`${text} `, JSON_TYPE), 100))).toBe("BODY_TOO_LARGE");
  });

  test("that its sender does not send to the end is his fault, and none of ours", async () => {
    const cut = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"email":'));
        controller.error(new Error("Network connection lost."));
      },
    });
    expect(await codeOf(readJson(post(cut, JSON_TYPE), 100))).toBe("BODY_UNREADABLE");
  });

  test("that is announced as too long is not read at all", async () => {
    const source = pouring(1_000_000);
    const request = post(source.body, { ...JSON_TYPE, "content-length": "1000000" });
    expect(await codeOf(readJson(request, 100))).toBe("BODY_TOO_LARGE");
    expect(source.poured).toBe(0);
  });

  test.each([{}, { "content-length": "10" }, { "content-length": "none" }] as const)(
    "that is longer than was said is read as far as it may go, and no further: %j",
    async (length: Record<string, string>) => {
      const source = pouring(1_000_000);
      const request = post(source.body, { ...JSON_TYPE, ...length });
      expect(await codeOf(readJson(request, 100))).toBe("BODY_TOO_LARGE");
      expect(source.poured).toBe(110);
    },
  );
});
