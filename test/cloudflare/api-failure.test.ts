import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import {
  type ApiFailure,
  failureOfAnswer,
  failureOfNetwork,
} from "../../src/cloudflare/api-failure.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Cloudflare's envelope with one error. */
function answer(
  status: number,
  code: number | null,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiFailure {
  const error = code === null ? { message } : { code, message };
  const envelope = { success: false, errors: [error], messages: [], result: null };
  return failureOfAnswer(
    status,
    new Headers({ ...JSON_TYPE, ...headers }),
    envelope,
    JSON.stringify(envelope),
  );
}

describe("failureOfAnswer", () => {
  test.each<[string, number, number | null, string, ApiFailure["kind"]]>([
    ["a wrong token", 401, 10000, "Authentication error", "refused"],
    ["a malformed header", 400, 6003, "Invalid request headers", "refused"],
    ["another account", 403, 7403, "The given account is not valid", "refused"],
    ["an unknown database", 404, 7404, "The database x could not be found", "refused"],
    ["an unknown path", 404, 7003, "Could not route to /client/v4/x", "refused"],
    ["a wrong request", 400, 7400, "The request is malformed: failed to decode id", "refused"],
    ["a wrong statement", 400, 7500, 'near "SELEC": syntax error: SQLITE_ERROR', "refused"],
    ["a rejected statement, as before 2024", 400, 7500, "no such table: t", "refused"],
    ["a rejection with status 200", 200, 10013, "An unknown error", "refused"],
    [
      "a rate limit",
      429,
      971,
      "Please wait and consider throttling your request speed",
      "not done",
    ],
    ["a rate limit, by its code", 400, 971, "Slow down", "not done"],
    ["a rate limit, by its older code", 400, 10100, "Too many requests", "not done"],
    ["a rate limit without a message", 429, null, "Too many requests", "not done"],
    [
      "an overloaded D1",
      400,
      7500,
      "D1 DB is overloaded. Requests queued for too long.",
      "not done",
    ],
    ["a full queue", 400, 7500, "D1 DB is overloaded. Too many requests queued.", "not done"],
    ["a running export", 400, 7500, "Currently processing a long-running export.", "not done"],
    ["a running import", 400, 7500, "Currently processing a long-running import.", "not done"],
    ["D1's internal error", 500, 7500, "internal error; reference = 0123", "unknown"],
    [
      "an internal error with another status",
      400,
      7500,
      "internal error; reference = 0123",
      "unknown",
    ],
    ["D1's lost network connection", 400, 7500, "Network connection lost.", "unknown"],
    [
      "D1's storage time-out",
      400,
      7500,
      "D1 DB storage operation exceeded timeout which caused object to be reset.",
      "unknown",
    ],
    [
      "D1's code update",
      400,
      7500,
      "D1 DB reset because its code was updated; it was reset",
      "unknown",
    ],
    [
      "a transient issue of D1",
      400,
      7500,
      "Cannot resolve D1 DB due to transient issue on remote node",
      "unknown",
    ],
    ["a time-out at Cloudflare", 504, 7009, "Upstream service timed out", "unknown"],
    ["a time-out by its code", 400, 7009, "Upstream service timed out", "unknown"],
    ["any error with status 500", 500, 10013, "An unknown error has occurred.", "unknown"],
    ["an error with status 503", 503, 10013, "Service unavailable", "unknown"],
    ["an error of SQLite with status 500", 500, 7500, "disk I/O error: SQLITE_IOERR", "unknown"],
    [
      "an error of SQLite whose name looks like a message of D1",
      400,
      7500,
      "no such table: SQLITE_ERROR; D1 DB is overloaded",
      "not done",
    ],
    ["a request that took too long", 408, 1, "Request timeout", "unknown"],
    ["an error without a code", 400, null, "Something", "unknown"],
  ])("classifies %s: HTTP %i, code %s, %j is %s", (_, status, code, message, kind) => {
    expect(answer(status, code, message)).toMatchObject({ status, code, message, kind });
  });

  test.each([
    "password was reset: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)",
    "no such table: overloaded: SQLITE_ERROR",
    "no such column: internal error at offset 7: SQLITE_ERROR",
    "UNIQUE constraint failed: t.transient issue: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
  ])(
    "classifies SQLite's rejection as refused, whatever names of the user it contains: %s",
    (message) => {
      expect(answer(400, 7500, message).kind).toBe("refused");
    },
  );

  test.each([
    ["an empty list of errors", { success: false, errors: [] }, "HTTP 400", null],
    ["an error as a text", { success: false, error: "No" }, "No", null],
    ["errors that are not a list", { success: false, errors: "none", error: "No" }, "No", null],
    [
      "entries that are not errors",
      { success: false, errors: [null, "a", 7, { code: 8, message: "b" }] },
      "b",
      8,
    ],
    ["errors without a message", { success: false, errors: [{ code: 7 }] }, "HTTP 400", 7],
    [
      "several errors, with the code of the first",
      { success: false, errors: [{ code: 7, message: "a" }, { code: 8 }, { message: "b" }] },
      "a; b",
      7,
    ],
  ])("reads message and code from %s", (_, envelope, message, code) => {
    // The envelope as it arrived, without validation.
    const arrived = envelope as Parameters<typeof failureOfAnswer>[2];
    expect(failureOfAnswer(400, new Headers(), arrived, "")).toMatchObject({
      name: "ApiFailure",
      message,
      code,
    });
  });

  test("keeps the id of the request and Cloudflare's time", () => {
    const date = "Sun, 22 Nov 2026 12:00:00 GMT";
    expect(answer(400, 7500, "x", { "cf-ray": "0123-AMS", date })).toMatchObject({
      ray: "0123-AMS",
      date,
    });
    expect(answer(400, 7500, "x")).toMatchObject({ ray: null, date: null, retryAfterMs: null });
  });
});

describe("failureOfAnswer, if the body is not Cloudflare's envelope", () => {
  test.each<[string, number, string, ApiFailure["kind"], string]>([
    ["a gateway's page", 502, "<html>\n  <h1>Bad\t gateway</h1>", "unknown", "an HTML page"],
    ["another page", 504, "\n<!DOCTYPE html><p>no</p>", "unknown", "an HTML page"],
    ["a page with status 200", 200, "<html>", "unknown", "an HTML page"],
    ["plain text", 502, "upstream\n  failed", "unknown", '"upstream failed"'],
    ["text about a page", 502, "no <html> here", "unknown", '"no <html> here"'],
    ["an empty body", 500, " \n", "unknown", "empty"],
    ["a page with status 429", 429, "slow down", "not done", '"slow down"'],
  ])("describes %s", (_, status, body, kind, shown) => {
    const failure = failureOfAnswer(status, new Headers(), null, body);
    expect(failure).toMatchObject({ status, kind, code: null });
    expect(failure.message).toBe(`The answer is not Cloudflare's API's: HTTP ${status}, ${shown}.`);
  });

  test.each([400, 403, 404, 408, 500, 501, 502, 503, 504, 520, 522, 524, 530])(
    "has the kind unknown for a page with status %i, because D1 may have carried the request out",
    (status) => {
      const headers = new Headers({ "retry-after": "5" });
      const failure = failureOfAnswer(status, headers, null, "<html><h1>Service unavailable</h1>");
      expect(failure).toMatchObject({ status, kind: "unknown", retryAfterMs: 5000 });
    },
  );

  test("quotes only the beginning of the body", () => {
    const failure = failureOfAnswer(500, new Headers(), null, "x".repeat(5000));
    expect(failure.message.length).toBeLessThan(200);
  });

  test("has the kind `not done` for a challenge of the firewall, which stops the request", () => {
    const headers = new Headers({ "cf-mitigated": "challenge", "cf-ray": "1" });
    const failure = failureOfAnswer(403, headers, null, "<html>");
    expect(failure).toMatchObject({ kind: "not done", status: 403, ray: "1" });
    expect(failure.message).toContain("firewall");
  });
});

describe("Retry-After", () => {
  test.each([
    ["seconds", "12", 12_000],
    ["a fraction of a second", "0.5", 500],
    ["zero", "0", 0],
    ["negative", "-3", 0],
    ["a word", "soon", null],
    ["empty", "", null],
    ["a time in the past", "Sun, 22 Nov 2020 12:00:00 GMT", 0],
  ])("is converted to milliseconds if it is %s: %j", (_, text, retryAfterMs) => {
    expect(answer(429, 971, "x", { "retry-after": text })).toMatchObject({ retryAfterMs });
    expect(failureOfAnswer(429, new Headers({ "retry-after": text }), null, "")).toMatchObject({
      retryAfterMs,
    });
  });

  test("is converted to milliseconds if it is a time in the future", () => {
    const text = new Date(Date.now() + 30_000).toUTCString();
    const { retryAfterMs } = answer(429, 971, "x", { "retry-after": text });
    expect(retryAfterMs).toBeGreaterThan(25_000);
    expect(retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  test("is read by Cloudflare's clock, not by the local one, if it is a time", () => {
    const date = "Sun, 22 Nov 2020 12:00:00 GMT";
    const later = "Sun, 22 Nov 2020 12:00:30 GMT";
    expect(answer(429, 971, "x", { date, "retry-after": later }).retryAfterMs).toBe(30_000);
  });
});

/** As node's `fetch` throws it: a `TypeError` around the error of the socket. */
function ofFetch(code: string, message: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

describe("failureOfNetwork", () => {
  test.each([
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"],
    ["ENOTFOUND", "getaddrinfo ENOTFOUND api.cloudflare.com"],
    ["EAI_AGAIN", "getaddrinfo EAI_AGAIN api.cloudflare.com"],
    ["ENETUNREACH", "connect ENETUNREACH 192.0.2.1:443"],
    ["EHOSTUNREACH", "connect EHOSTUNREACH 192.0.2.1:443"],
    ["UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"],
    ["CERT_HAS_EXPIRED", "certificate has expired"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames"],
  ])("has the kind `not done` if nothing was sent: %s", (code, message) => {
    const failure = failureOfNetwork(ofFetch(code, message));
    expect(failure).toMatchObject({ kind: "not done", status: null, code: null });
    expect(failure.message).toContain(message);
    expect(failure.message).toContain(code);
  });

  test.each([
    ["ECONNRESET", "read ECONNRESET"],
    ["EPIPE", "write EPIPE"],
    ["ETIMEDOUT", "read ETIMEDOUT"],
    ["UND_ERR_SOCKET", "other side closed"],
    ["UND_ERR_HEADERS_TIMEOUT", "Headers Timeout Error"],
    ["UND_ERR_BODY_TIMEOUT", "Body Timeout Error"],
    ["EPROTO", "write EPROTO wrong version number"],
    // These errors occur also during a connection, after the request has arrived.
    ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "decryption failed or bad record mac"],
    ["ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC", "ssl/tls alert bad record mac"],
    ["ERR_SSL_UNEXPECTED_EOF_WHILE_READING", "unexpected eof while reading"],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "sslv3 alert certificate unknown"],
  ])("has the kind unknown if D1 may have carried the request out: %s", (code, message) => {
    expect(failureOfNetwork(ofFetch(code, message))).toMatchObject({
      kind: "unknown",
      status: null,
    });
  });

  test("has the kind `not done` if none of several addresses was reached", () => {
    const at = (code: string, address: string): Error =>
      Object.assign(new Error(`connect ${code} ${address}`), { code, syscall: "connect" });
    const errors = [at("ETIMEDOUT", "192.0.2.1:443"), at("ENETUNREACH", "2001:db8::1:443")];
    const all = Object.assign(new AggregateError(errors), { code: "ETIMEDOUT" });
    const failure = failureOfNetwork(new TypeError("fetch failed", { cause: all }));
    expect(failure.kind).toBe("not done");
    expect(failure.message).toMatch(/^connect E\w+ /);
  });

  test.each(["127.0.0.1", "localhost"])(
    "has the kind `not done` for the error of node's fetch at a closed port of %s",
    async (host) => {
      const server = createServer();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.listen(0, "127.0.0.1", resolve);
      await promise;
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
      const error: unknown = await fetch(`http://${host}:${port}`).catch(
        (thrown: unknown) => thrown,
      );
      const failure = failureOfNetwork(error);
      expect(failure.kind).toBe("not done");
      expect(failure.message).toMatch(/^connect ECONNREFUSED /);
    },
  );

  test.each([
    ["a bare error", new Error("terminated"), "terminated"],
    ["a value that is not an error", "what?", "what?"],
    ["undefined", undefined, "undefined"],
    ["an error whose cause is not an error", new Error("a", { cause: "b" }), "a"],
  ])("has the kind unknown and the message of %s", (_, error, message) => {
    const failure = failureOfNetwork(error);
    expect(failure).toMatchObject({ message, kind: "unknown" });
    expect(failure.cause).toBe(error);
  });
});
