import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sample } from "../snapshots/store-contract.ts";
import { type Answer, cut, refusal, scripted, stalled, status } from "./scripted-storage.ts";

/** Decisions of the store in S3, with a server that answers by a script. The contract is tested with a real storage, `test:s3`. */

const { name, bytes } = sample(100);
const MD5 = createHash("md5").update(bytes).digest();
const STORED = status(200, "", { ETag: `"${MD5.toString("hex")}"` });

function page(keys: readonly string[], next?: string): Answer {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2026-11-30T10:00:00.000Z</LastModified><Size>5</Size></Contents>`,
  );
  const more =
    next === undefined
      ? "<IsTruncated>false</IsTruncated>"
      : `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`;
  return status(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${more}${contents.join("")}</ListBucketResult>`,
  );
}

describe("a request to the storage", () => {
  test("has the bucket in its path, a signature, both hashes of the body, and never the secret", async () => {
    const { store, requests } = await scripted([STORED]);
    await store.write("packs", name, bytes);
    expect(requests).toHaveLength(1);
    const [{ headers, ...put } = { headers: {} }] = requests;
    expect(put).toMatchObject({ method: "PUT", url: `/bucket/shop/packs/${name}`, body: bytes });
    expect(headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/auto\/s3\/aws4_request, SignedHeaders=.*content-md5.*x-amz-content-sha256.*, Signature=[\da-f]{64}$/,
      ),
      "content-md5": MD5.toString("base64"),
      "x-amz-content-sha256": createHash("sha256").update(bytes).digest("hex"),
      "x-amz-security-token": "token",
      "content-length": "100",
      "accept-encoding": "identity",
    });
    expect(headers.authorization).not.toContain("accept-encoding");
    expect(JSON.stringify(requests)).not.toContain("very-secret");
  });

  test.for([
    ["a server error", refusal(500, "InternalError")],
    ["an overloaded server", refusal(503, "SlowDown")],
    ["a proxy without a server", status(502, "<html>Bad gateway</html>")],
    ["too many requests", status(429)],
    ["a connection that ends without an answer", cut()],
    ["bytes that changed on their way", refusal(400, "BadDigest")],
    ["a body that arrived too slowly", refusal(400, "RequestTimeout")],
  ] as const)("is repeated after %s", async ([, failure]) => {
    const { store, requests, waits } = await scripted([failure, failure, STORED]);
    await store.write("packs", name, bytes);
    expect(requests).toHaveLength(3);
    expect(waits).toEqual([500, 1000]);
  });

  test("fails after seven attempts, with the reason and the endpoint", async () => {
    const waited: string[] = [];
    const { store, requests, endpoint } = await scripted([refusal(503, "SlowDown", "Slow down.")], {
      onWait: (ms, reason) => waited.push(`${ms} ${reason}`),
    });
    await expect(store.list("packs")).rejects.toThrow(
      expect.objectContaining({
        code: "STORE_UNREACHABLE",
        message: `d1ops could not list packs in the store s3://bucket/shop at ${endpoint}: Slow down [code: SlowDown].`,
        details: { store: "s3://bucket/shop", endpoint, reason: "Slow down [code: SlowDown]" },
      }),
    );
    expect(requests).toHaveLength(7);
    expect(waited[0]).toBe("1000 Slow down [code: SlowDown]");
  });

  test("fails at once if fetch itself rejects the endpoint", async () => {
    const { store, waits } = await scripted([STORED], { at: "http://127.0.0.1:22" });
    await expect(store.list("packs")).rejects.toThrow(
      expect.objectContaining({
        code: "STORE_UNREACHABLE",
        message: expect.stringContaining("at http://127.0.0.1:22: bad port."),
      }),
    );
    expect(waits).toEqual([]);
  });

  test("waits as long as the storage asks for, but not longer than five minutes", async () => {
    const asks = (seconds: string): Answer => status(503, "", { "Retry-After": seconds });
    const short = await scripted([asks("7"), STORED]);
    await short.store.write("packs", name, bytes);
    expect(short.waits).toEqual([8000]);
    const long = await scripted([asks("301"), STORED]);
    await expect(long.store.write("packs", name, bytes)).rejects.toThrow(
      expect.objectContaining({ code: "STORE_UNREACHABLE" }),
    );
    expect(long.requests).toHaveLength(1);
  });

  test.for([
    ["AccessDenied", refusal(403, "AccessDenied"), "permission"],
    ["SignatureDoesNotMatch", refusal(403, "SignatureDoesNotMatch"), "AWS_SECRET_ACCESS_KEY"],
    ["InvalidAccessKeyId", refusal(403, "InvalidAccessKeyId"), "does not know the key"],
    ["Unauthorized", refusal(401, "Unauthorized"), "does not know the key"],
    ["RequestTimeTooSkewed", refusal(403, "RequestTimeTooSkewed"), "Set the clock"],
    ["NoSuchBucket", refusal(404, "NoSuchBucket"), "Create the bucket bucket"],
    ["NotImplemented", refusal(501, "NotImplemented"), "S3-compatible"],
    ["PermanentRedirect", refusal(301, "PermanentRedirect"), "AWS_REGION"],
    [null, status(403, "<html>Forbidden</html>"), "permission"],
    [null, status(405), "S3-compatible"],
  ] as const)("fails at once with a hint after %s", async ([code, failure, hint]) => {
    const { store, requests, waits } = await scripted([failure]);
    const refused = expect.objectContaining({
      code: "STORE_REFUSED",
      details: expect.objectContaining({ code }),
      hint: expect.stringContaining(hint),
    });
    await expect(store.list("packs")).rejects.toThrow(refused);
    await expect(store.write("packs", name, bytes)).rejects.toThrow(refused);
    expect(requests).toHaveLength(2);
    expect(waits).toEqual([]);
  });

  test("follows no redirect, which would take the rows to another host", async () => {
    const other = await scripted([STORED]);
    const { store } = await scripted([status(307, "", { Location: `${other.endpoint}/x` })]);
    await expect(store.write("packs", name, bytes)).rejects.toThrow(
      expect.objectContaining({ code: "STORE_REFUSED" }),
    );
    expect(other.requests).toEqual([]);
  });

  test.for([
    ["sends nothing", (): void => {}],
    ["stops within its answer", stalled("beginning")],
  ] as const)("is given up after its time limit if the server %s", async ([, silence]) => {
    const limits: number[] = [];
    const { store, requests } = await scripted([silence], {
      timeout(ms) {
        limits.push(ms);
        const stop = new AbortController();
        // A time limit that passes when the request has arrived.
        const look = setInterval(() => {
          if (requests.length === 0) return;
          clearInterval(look);
          stop.abort();
        }, 1);
        return stop.signal;
      },
    });
    await expect(store.read("packs", name)).rejects.toThrow(
      expect.objectContaining({
        code: "STORE_UNREACHABLE",
        message: expect.stringContaining("There was no answer within 45 s."),
      }),
    );
    expect(limits[0]).toBe(45_000);
  });
});

describe("a read", () => {
  test("is repeated if the connection ends within the object", async () => {
    const { store, requests } = await scripted([cut("beginning"), status(200, bytes)]);
    expect(await store.read("packs", name)).toEqual(new Uint8Array(bytes));
    expect(requests).toHaveLength(2);
  });

  test("takes its part from the whole object if the storage ignores the range", async () => {
    const { store, requests } = await scripted([status(200, bytes)]);
    const part = await store.read("packs", name, { at: 10, bytes: 5 });
    expect(part).toEqual(new Uint8Array(bytes.subarray(10, 15)));
    expect(requests[0]?.headers.range).toBe("bytes=10-14");
  });

  test("is repeated if the storage sends another part, which is not damage", async () => {
    const range = (from: number, to: number): Answer =>
      status(206, bytes.subarray(from, to), { "Content-Range": `bytes ${from}-${to - 1}/100` });
    const { store } = await scripted([range(0, 5), range(10, 15)]);
    const part = await store.read("packs", name, { at: 10, bytes: 5 });
    expect(part).toEqual(new Uint8Array(bytes.subarray(10, 15)));
  });
});

describe("a write", () => {
  test("asks for the size if the answer has no MD5, and fails if it is another one", async () => {
    const encrypted = status(200, "", { ETag: '"an-opaque-tag"' });
    const head = (length: string): Answer => status(200, "", { "Content-Length": length });
    const whole = await scripted([encrypted, head("100")]);
    await whole.store.write("packs", name, bytes);
    expect(whole.requests.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
    const short = await scripted([encrypted, head("99")]);
    await expect(short.store.write("packs", name, bytes)).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining("has 99 bytes of the 100 that d1ops wrote"),
      }),
    );
  });
});

describe("a list", () => {
  test("has the objects of every page, and no other objects of the bucket", async () => {
    const [other, upper] = [sample().name, name.toUpperCase()];
    const { store, requests } = await scripted([
      page([`shop/packs/${name}`, "shop/packs/README.md", `shop/packs/${upper}`], "a&amp;b=&#x2F;"),
      page([`shop/packs/${other}`, `shop/packs/deep/${name}`]),
    ]);
    expect(await store.list("packs")).toEqual(
      [name, other].map((one) => ({
        name: one,
        bytes: 5,
        writtenAt: "2026-11-30T10:00:00.000Z",
      })),
    );
    const queries = requests.map(({ url }) => new URL(url, "http://x").searchParams);
    expect(queries.map((query) => query.get("prefix"))).toEqual(["shop/packs/", "shop/packs/"]);
    expect(queries[1]?.get("continuation-token")).toBe("a&b=/");
  });

  test.for([
    ["is the page of a proxy", status(200, "<html>Log in</html>")],
    [
      "says that there is more, and not where",
      status(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    ],
    [
      "has an object without a date",
      status(
        200,
        "<ListBucketResult><Contents><Key>k</Key><Size>5</Size></Contents></ListBucketResult>",
      ),
    ],
  ] as const)(
    "fails if the answer %s, and is never taken for a shorter one",
    async ([, answer]) => {
      const { store } = await scripted([answer]);
      await expect(store.list("packs")).rejects.toThrow(
        expect.objectContaining({ code: "STORE_UNREACHABLE" }),
      );
    },
  );
});
