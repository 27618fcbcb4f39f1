import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from "jose";
import { onTestFinished } from "vitest";

/** The settings of the Worker for the tokens of the tests. */
export const RULES = { AUTH_ISSUER: "https://login.example.com", AUTH_AUDIENCE: "onboarding" };

export function sign(
  payload: JWTPayload,
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string },
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
}

/** An issuer: its current keys, and the number of requests for them. */
export async function openIssuer(): Promise<{
  readonly url: string;
  keys: object[];
  asked: number;
  broken: boolean;
}> {
  const issuer = { url: "", keys: [] as object[], asked: 0, broken: false };
  const server = createServer((_, response) => {
    issuer.asked += 1;
    response.statusCode = issuer.broken ? 500 : 200;
    response.setHeader("content-type", "application/json");
    response.end(issuer.broken ? "no" : JSON.stringify({ keys: issuer.keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  return issuer;
}

export async function keyOf(
  kid: string,
  alg = "ES256",
): Promise<{ sign: CryptoKey; told: object; pem: string }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    sign: privateKey,
    told: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" },
    pem: await exportSPKI(publicKey),
  };
}
