/**
 * A real S3-compatible storage for the tests: OpenStack Swift with its API of S3. It checks signatures, hashes and ranges, lists in pages,
 * and has no conditional PUT.
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import { until } from "../until.ts";

export const SWIFT_PACKAGES = "swift-proxy swift-account swift-container swift-object memcached";

/** The programs of {@link SWIFT_PACKAGES}. */
const PROGRAMS = [
  "memcached",
  "swift-account-server",
  "swift-container-server",
  "swift-object-server",
  "swift-proxy-server",
  "swift-ring-builder",
];

/** What a test needs to reach the server. */
export interface Swift {
  readonly endpoint: string;
}

export interface RunningSwift extends Swift {
  stop(): Promise<void>;
}

/** The key of its only account. The reader has the permissions of {@link readableBy}. */
export const KEY = { accessKeyId: "test:tester", secretAccessKey: "testing" } as const;
export const READER = { accessKeyId: "test:reader", secretAccessKey: "reading" } as const;

/** Objects of a page of a list. */
const PAGE = 10;

export function isSwiftInstalled(): boolean {
  try {
    execFileSync("sh", ["-c", PROGRAMS.map((one) => `command -v ${one}`).join(" && ")], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

/** The objects are in a temporary folder, which `stop` removes. */
export async function startSwift(): Promise<RunningSwift> {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-swift-"));
  mkdirSync(join(dir, "d1"));
  const [object = 0, container = 0, account = 0, proxy = 0, cache = 0] = await freePorts(5);
  const children: ChildProcess[] = [];
  const run = (program: string, ...args: readonly string[]): void => {
    children.push(spawn(program, args, { stdio: "ignore", cwd: dir }));
  };
  write(dir, "swift.conf", SWIFT);
  const isRoot = userInfo().uid === 0;
  run("memcached", "-l", "127.0.0.1", "-p", `${cache}`, ...(isRoot ? ["-u", "root"] : []));
  for (const [kind, port] of Object.entries({ object, container, account })) {
    makeRing(dir, kind, port);
    write(dir, `${kind}.conf`, storageServer(dir, kind, port));
    run(`swift-${kind}-server`, join(dir, `${kind}.conf`));
  }
  write(dir, "proxy.conf", proxyServer(dir, proxy, cache));
  run("swift-proxy-server", join(dir, "proxy.conf"));
  const endpoint = `http://127.0.0.1:${proxy}`;
  await until(async () => isReady(endpoint));
  return {
    endpoint,
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map(async (child) => closed(child)));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

let buckets = 0;

/** Creates a bucket, and returns its name. */
export async function makeBucket(endpoint: string): Promise<string> {
  buckets += 1;
  const bucket = `bucket-${process.pid}-${buckets}`;
  const response = await call(endpoint, `/${bucket}`, { method: "PUT" });
  if (!response.ok) throw new Error(`no bucket: ${response.status} ${await response.text()}`);
  return bucket;
}

/** Sends a signed request of the test itself. */
export async function call(endpoint: string, path: string, init: RequestInit): Promise<Response> {
  const client = new AwsClient({ ...KEY, service: "s3", region: "auto", retries: 0 });
  return fetch(await client.sign(`${endpoint}${path}`, init));
}

/** Lets {@link READER} read and list the bucket, and not write to it. */
export async function readableBy(endpoint: string, bucket: string): Promise<void> {
  const login = await fetch(`${endpoint}/auth/v1.0`, {
    headers: { "X-Storage-User": KEY.accessKeyId, "X-Storage-Pass": KEY.secretAccessKey },
  });
  const response = await fetch(`${login.headers.get("x-storage-url") ?? ""}/${bucket}`, {
    method: "POST",
    headers: {
      "X-Auth-Token": login.headers.get("x-auth-token") ?? "",
      "X-Container-Read": READER.accessKeyId,
    },
  });
  if (!response.ok) throw new Error(`no permission: ${response.status}`);
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    return (await call(endpoint, "/ready", { method: "PUT" })).ok;
  } catch {
    return false;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      return typeof address === "object" ? (address?.port ?? 0) : 0;
    }),
  );
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function makeRing(dir: string, kind: string, port: number): void {
  const ring = (...args: readonly string[]): unknown =>
    execFileSync("swift-ring-builder", [`${kind}.builder`, ...args], { cwd: dir, stdio: "ignore" });
  ring("create", "4", "1", "0");
  ring("add", `r1z1-127.0.0.1:${port}/d1`, "1");
  ring("rebalance");
}

type Section = Readonly<Record<string, string | number>>;

function write(dir: string, name: string, sections: Readonly<Record<string, Section>>): void {
  const lines = Object.entries(sections).flatMap(([section, values]) => [
    `[${section}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  ]);
  writeFileSync(join(dir, name), `${lines.join("\n")}\n`);
}

const SWIFT = {
  "swift-hash": { swift_hash_path_suffix: "suffix", swift_hash_path_prefix: "prefix" },
  "storage-policy:0": { name: "Policy-0", default: "yes" },
};

function common(dir: string, port: number): Section {
  return {
    bind_ip: "127.0.0.1",
    bind_port: port,
    workers: 0,
    user: userInfo().username,
    swift_dir: dir,
    log_address: join(dir, "nowhere"),
  };
}

function storageServer(dir: string, kind: string, port: number): Readonly<Record<string, Section>> {
  return {
    DEFAULT: { ...common(dir, port), devices: dir, mount_check: "false" },
    "pipeline:main": { pipeline: `${kind}-server` },
    [`app:${kind}-server`]: { use: `egg:swift#${kind}` },
  };
}

/** In this order: a list is an error if `listing_formats` comes after `s3api`. */
const FILTERS: Readonly<Record<string, Section>> = {
  catch_errors: {},
  cache: {},
  listing_formats: {},
  s3api: { location: "auto", max_bucket_listing: PAGE },
  tempauth: {
    [`user_${KEY.accessKeyId.replace(":", "_")}`]: `${KEY.secretAccessKey} .admin`,
    [`user_${READER.accessKeyId.replace(":", "_")}`]: READER.secretAccessKey,
  },
  copy: {},
  slo: {},
  dlo: {},
};

function proxyServer(dir: string, port: number, cache: number): Readonly<Record<string, Section>> {
  const filters = Object.entries(FILTERS).map(([name, values]): [string, Section] => {
    return [`filter:${name}`, { use: `egg:swift#${name}`, ...values }];
  });
  return {
    DEFAULT: common(dir, port),
    "pipeline:main": { pipeline: [...Object.keys(FILTERS), "proxy-server"].join(" ") },
    "app:proxy-server": { use: "egg:swift#proxy", account_autocreate: "true" },
    ...Object.fromEntries(filters),
    "filter:cache": { use: "egg:swift#memcache", memcache_servers: `127.0.0.1:${cache}` },
  };
}
