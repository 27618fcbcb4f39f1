import type { CloudflareOptions } from "../../fixtures/cloudflare/fake.ts";
import { connectApi } from "../../src/cloudflare/api.ts";
import { remoteD1 } from "../../src/cloudflare/d1.ts";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import type { ClientDatabase } from "../../src/database/client.ts";
import { openRemote } from "../../src/database/remote.ts";
import { fakeFixture, type FakeFixture, ID } from "../cloudflare-fake/fake-fixture.ts";
import { virtualClock } from "../cloudflare/virtual-clock.ts";

export interface RemoteFixture extends Omit<FakeFixture, "d1"> {
  readonly remote: ClientDatabase;
  readonly d1: ClientDatabase["d1"];
}

/** A database of a fake Cloudflare, with a clock that does not wait. */
export async function fakeRemote(
  options: CloudflareOptions = {},
  mode: "read" | "write" = "write",
): Promise<RemoteFixture> {
  const home = await fakeFixture({ timeTravel: "off", ...options });
  const clock = virtualClock();
  const api = connectApi({
    credentials: { kind: "token", token: home.cloudflare.token, source: "test" },
    baseUrl: home.cloudflare.apiBaseUrl,
    userAgent: "d1ops/test",
    clock,
    rate: makeRequestRate({ clock, limit: 1_000_000 }),
  });
  const remote = openRemote(
    remoteD1(api, home.cloudflare.account, ID),
    { place: "remote", database: "shop-db", id: ID, env: null },
    { mode },
  );
  return { ...home, remote, d1: remote.d1 };
}
