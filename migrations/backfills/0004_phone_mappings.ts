/**
 * Converts the number that a tenant typed to a row of `omni_phone_mappings`, in E.164.
 *
 * The order of the sessions proves no ownership. If several tenants claim a number, none of them gets it. An existing owner keeps it.
 * @module
 */
// In your own project, import this from "d1ops".
import { defineBackfill } from "../../src/backfills/define.ts";
import { readAnswers, settledBy } from "./onboarding/answers.ts";
import { parsePhone } from "../../src/onboarding/phone-number.ts";
import { sessionsWith, withoutTrace } from "./onboarding/sessions.ts";

/** The line on which all tenants without their own number are called. */
const RESERVED: ReadonlySet<string> = new Set(["+33199000000"]);

const BLANKS = "' ' || char(9, 10, 13, 160, 8239)";

/** The value at a path, or null if it is blank. A value that is not JSON is used unchanged, and is not a valid number. */
function typed(json: string, path: string): string {
  return `CASE WHEN json_valid(${json}) THEN CASE json_type(${json}, '${path}')
    WHEN 'text' THEN nullif(trim(json_extract(${json}, '${path}'), ${BLANKS}), '')
    ELSE json_extract(${json}, '${path}') END ELSE ${json} END`;
}

const CHANNEL = `(SELECT ${typed("h.config_public", "$.phone_number")} FROM channel_configurations AS h
  WHERE h.tenant_id = s.tenant_id AND h.channel_type = 'phone')`;

const source = sessionsWith("business_data", [
  `coalesce(${typed("s.business_data", "$.phone")}, ${CHANNEL}) AS phone`,
]);

/** The last nine digits, which are the same in every spelling of a number. */
function tail(number: string): string {
  const separators = ["' '", "'.'", "'-'", "'('", "')'", "'/'", "char(160)", "char(8239)"];
  return `substr(${separators.reduce((sql, one) => `replace(${sql}, ${one}, '')`, number)}, -9)`;
}

const done = `c.document IN ('none', 'object') AND (c.phone IS NULL OR EXISTS (
  SELECT 1 FROM omni_phone_mappings AS m
  WHERE m.tenant_id = c.tenant_id AND (m.id = 'mapping_' || c.id OR ${tail("m.phone_number")} = ${tail("c.phone")})))`;

/** Tenants by number: those that have it in a mapping, and those that claim it in a session. */
interface Known {
  readonly owners: ReadonlyMap<string, ReadonlySet<unknown>>;
  readonly claims: ReadonlyMap<string, ReadonlySet<unknown>>;
}

type Found = Readonly<Record<"phone" | "tenant_id", unknown>>;

function byNumber(rows: readonly Found[]): Map<string, Set<unknown>> {
  const tenants = new Map<string, Set<unknown>>();
  for (const { phone, tenant_id } of rows) {
    const reading = parsePhone(String(phone));
    if (!("number" in reading)) continue;
    const known = tenants.get(reading.number) ?? new Set();
    tenants.set(reading.number, known.add(tenant_id));
  }
  return tenants;
}

export default defineBackfill<Known>({
  after: "0004_unified_architecture.sql",
  source,
  key: "id",
  async prepare(d1) {
    const [owners, claims] = await d1.batch<Found>([
      d1.prepare("SELECT phone_number AS phone, tenant_id FROM omni_phone_mappings"),
      d1.prepare(
        `SELECT c.phone, c.tenant_id FROM (${source}) AS c WHERE c.standing = 'current' AND c.document IN ('none', 'object') AND c.phone IS NOT NULL`,
      ),
    ]);
    return { owners: byNumber(owners?.results ?? []), claims: byNumber(claims?.results ?? []) };
  },
  decide(row, { owners, claims }) {
    const settled = settledBy(row["standing"]) ?? settledBy(row["document"]);
    if (settled !== null) return settled;
    if (readAnswers(row["business_data"]) === null) {
      return { outcome: "invalid", reason: "text-not-unicode" };
    }
    const { id, tenant_id, phone } = row;
    if (phone === null) return { outcome: "skipped", reason: "no-phone" };
    if (typeof phone !== "string") return { outcome: "invalid", reason: "phone-not-text" };
    const reading = parsePhone(phone);
    if ("problem" in reading) return { outcome: "invalid", reason: reading.problem };
    const { number } = reading;
    const owner = owners.get(number);
    if (owner?.has(tenant_id) === true) return { outcome: "already" };
    if (RESERVED.has(number)) return { outcome: "invalid", reason: "number-reserved" };
    if (owner !== undefined) return { outcome: "conflict", reason: "number-taken" };
    if ((claims.get(number)?.size ?? 0) > 1) {
      return { outcome: "conflict", reason: "number-shared" };
    }
    const write =
      "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('mapping_' || ?1, ?2, ?3)";
    return { outcome: "changed", writes: [[write, id, number, tenant_id]] };
  },
  reconcile: withoutTrace("0004_phone_mappings", source, done),
});
