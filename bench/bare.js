// The floor of a remote apply: a request for each file of the folder, one after the other, and nothing else.
import { readdirSync, readFileSync } from "node:fs";

const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account } = process.env;
const url = `${base}/accounts/${account}/d1/database/${process.argv[2]}/query`;
const headers = { Authorization: `Bearer ${process.env.CLOUDFLARE_API_TOKEN}` };
for (const name of readdirSync("migrations").toSorted()) {
  const sql = readFileSync(`migrations/${name}`, "utf8");
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ sql }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${name}: ${text}`);
}
