import { describe, expect, test } from "vitest";
import { storeAddress } from "../../src/project/store-address.ts";
import type { NamedHome } from "../../src/s3/named-home.ts";
import type { Variables } from "../../src/config/variables.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const KEY: Variables = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };
const R2 = `https://${ACCOUNT}.r2.cloudflarestorage.com`;

interface Given {
  readonly homes?: Readonly<Record<string, NamedHome>>;
  readonly variables?: Variables;
  readonly accountId?: string | null;
}

function addressOf(text: string | null, given: Given = {}): ReturnType<typeof storeAddress> {
  const { homes = {}, variables = KEY, accountId = ACCOUNT } = given;
  const settings = { projectPath: "/project", accountId } as Parameters<
    typeof storeAddress
  >[1]["settings"];
  return storeAddress(
    { text, cwd: "/project/deep", homes, argument: "--store" },
    { settings, variables },
  );
}

/** The home of an address in S3. */
function homeOf(text: string, given?: Given): unknown {
  const address = addressOf(text, given);
  return address.kind === "s3" ? address.home : address;
}

describe("the text of --store", () => {
  test.for([
    [null, "/project/backups"],
    ["backups", "/project/deep/backups"],
    ["../backups", "/project/backups"],
    ["/mnt/disk", "/mnt/disk"],
    ["./s3:/x", "/project/deep/s3:/x"],
    ["c:/backups", "/project/deep/c:/backups"],
  ] as const)("means a folder if it is %s", ([text, path]) => {
    expect(addressOf(text)).toEqual({ kind: "folder", path });
  });

  test("means a bucket and a prefix after s3://, at R2 without other variables", () => {
    expect(homeOf("s3://shop-backups/a/b/")).toEqual({
      bucket: "shop-backups",
      prefix: "a/b",
      endpoint: R2,
      region: "auto",
      credentials: { accessKeyId: "id", secretAccessKey: "secret", sessionToken: null },
    });
    expect(homeOf("S3://shop-backups")).toMatchObject({ bucket: "shop-backups", prefix: "" });
  });

  test("means the home of this name before a folder, and ./NAME means the folder", () => {
    const homes = { r2: { bucket: "shop-backups", prefix: "prod", region: "weur" } };
    expect(homeOf("r2", { homes })).toMatchObject({
      bucket: "shop-backups",
      prefix: "prod",
      region: "weur",
      endpoint: R2,
    });
    expect(addressOf("./r2", { homes })).toEqual({ kind: "folder", path: "/project/deep/r2" });
    expect(addressOf("backups", { homes })).toMatchObject({ kind: "folder" });
  });

  test.each([
    ["s3:/shop/daily", "Write s3://shop/daily. For a folder of this name, write ./s3:/shop/daily."],
    ["S3:shop", "Write s3://shop. For a folder of this name, write ./S3:shop."],
    ["r2:/shop", "Write s3://shop. For a folder of this name, write ./r2:/shop."],
    ["s3:", "Write s3://BUCKET/PREFIX. For a folder of this name, write ./s3:."],
    ["s3:/id:secret@shop", "Write s3://BUCKET/PREFIX. For a folder of this name, write ./s3:."],
  ])("is an error without the two slashes of an address: %s", (text, hint) => {
    expect(() => addressOf(text)).toThrow(expect.objectContaining({ code: "USAGE", hint }));
  });

  test("is an error if it is similar to the name of a home: else a mistyped name would be a new folder", () => {
    const homes = { "r2-weekly": { bucket: "shop-backups" } };
    expect(() => addressOf("r2-weakly", { homes })).toThrow(
      expect.objectContaining({
        code: "USAGE",
        hint: "Did you mean r2-weekly? For the folder of this name, write ./r2-weakly.",
      }),
    );
    expect(addressOf("./r2-weakly", { homes })).toMatchObject({ kind: "folder" });
    expect(addressOf("toString", { homes })).toMatchObject({ kind: "folder" });
  });

  test("takes endpoint and region of a home before those of the variables", () => {
    const homes = { r2: { bucket: "abc", endpoint: "https://s3.example.com/", region: "eu" } };
    const variables = { ...KEY, AWS_ENDPOINT_URL_S3: "https://other.example", AWS_REGION: "us" };
    expect(homeOf("r2", { homes, variables })).toMatchObject({
      endpoint: "https://s3.example.com",
      region: "eu",
    });
  });

  test("uses the variables of the AWS tools, the more specific one first", () => {
    const general = {
      ...KEY,
      AWS_ENDPOINT_URL: "http://localhost:9000/",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_SESSION_TOKEN: "token",
    };
    expect(homeOf("s3://abc", { variables: general })).toMatchObject({
      endpoint: "http://localhost:9000",
      region: "eu-west-1",
      credentials: { sessionToken: "token" },
    });
    const specific = {
      ...general,
      AWS_ENDPOINT_URL_S3: "https://s3.example.com/storage/v1",
      AWS_REGION: "eu-west-3",
    };
    expect(homeOf("s3://abc", { variables: specific })).toMatchObject({
      endpoint: "https://s3.example.com/storage/v1",
      region: "eu-west-3",
    });
  });

  test("uses the account of CLOUDFLARE_ACCOUNT_ID if the config has none", () => {
    const variables = { ...KEY, CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
    expect(homeOf("s3://abc", { variables, accountId: null })).toMatchObject({ endpoint: R2 });
  });

  test.for([
    ["r2://bucket", "begins with r2://"],
    ["https://id:secret@example.com/bucket", "The store begins with https://, which"],
    ["s3://", "has no bucket"],
    ["s3:///prefix", "has no bucket"],
    ["s3://ab", "bucket"],
    ["s3://bucket name", "bucket"],
    ["s3://bucket?x", "bucket"],
    ["s3://bucket/a/../b", "prefix"],
    ["s3://bucket/a//b", "prefix"],
    ["s3://bucket/é", "prefix"],
    ["s3://bucket/a b", "prefix"],
  ] as const)("is an error with the right form if it is %s", ([text, part]) => {
    expect(() => addressOf(text)).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringContaining(part),
        hint: expect.stringContaining("s3://BUCKET"),
      }),
    );
  });

  test("names the variables of the key that are missing", () => {
    const none = { variables: {} };
    expect(() => addressOf("s3://abc", none)).toThrow(
      expect.objectContaining({
        code: "CREDENTIALS_MISSING",
        details: { looked: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] },
      }),
    );
    const half = { variables: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: " " } };
    expect(() => addressOf("s3://abc", half)).toThrow(
      expect.objectContaining({
        details: { looked: ["AWS_SECRET_ACCESS_KEY"] },
        message: "The store s3://abc needs a key, and AWS_SECRET_ACCESS_KEY is not set.",
      }),
    );
  });

  test("is an error without an address, and that of R2 needs an account id", () => {
    for (const accountId of [null, "my-account"]) {
      expect(() => addressOf("s3://abc", { accountId })).toThrow(
        expect.objectContaining({
          code: "USAGE",
          hint: expect.stringContaining("AWS_ENDPOINT_URL_S3"),
        }),
      );
    }
  });

  test.for([
    "s3://id:secret@bucket/prefix",
    "s3://id:sec/ret@bucket",
    "s3://bucket/id:secret@prefix",
    "https://id:secret@example.com/bucket",
  ])("does not repeat the password in %s", (text) => {
    expect(() => addressOf(text)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.not.stringMatching(/sec/) }),
    );
  });

  test.for(["ftp://example.com", "example.com", "https://me:secret@example.com", "https://x/?a=b"])(
    "rejects the endpoint %s, and does not repeat it",
    (endpoint) => {
      const variables = { ...KEY, AWS_ENDPOINT_URL_S3: endpoint };
      expect(() => addressOf("s3://abc", { variables })).toThrow(
        expect.objectContaining({
          code: "USAGE",
          message: expect.not.stringContaining(endpoint),
        }),
      );
    },
  );
});
