/** @module The part of `doctor` that examines a remote database. Makes a few calls, which only read. */
import { findDatabase } from "../../cloudflare/d1.ts";
import { remoteId } from "../../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../../config/wrangler-settings.ts";
import { readRuns } from "../../lease/runs.ts";
import { readLedger } from "../../migrations/ledger.ts";
import {
  openRemoteDatabase,
  remoteName,
  type RemoteProject,
} from "../../project/connect-remote.ts";
import type { AnyProject } from "../../project/project.ts";
import { examineCloudflare } from "./examine-cloudflare.ts";
import { examine, type Examination } from "./examine.ts";

type ExamineDatabase = (
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
) => Promise<void>;

/** Examines what all databases share. Returns a function that examines one of them, or null if that is impossible. */
export async function examineRemote(
  found: Examination,
  project: AnyProject,
): Promise<ExamineDatabase | null> {
  const remote = await examineCloudflare(found, project);
  return remote === null
    ? null
    : async (own, settings, database) => examineDatabase(own, settings, database, remote);
}

async function examineDatabase(
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
  remote: RemoteProject,
): Promise<void> {
  const { api, account } = remote;
  const info = await examine(found, "database.exists", "a database of the account", async () => {
    const wanted = remoteId(database) ?? remoteName(settings, database);
    const value = await findDatabase(api, account.id, wanted);
    return {
      value,
      measured: `${value.name}, ${value.size ?? 0} bytes, ${value.tables ?? 0} tables`,
      evidence: { id: value.id, source: settings.configPath, account: account.id },
    };
  });
  if (info === null) return;
  if (database.name !== null) {
    found.checks.push({
      id: "database.name",
      outcome: info.name === database.name ? "pass" : "warn",
      measured: info.name,
      expected: database.name,
      evidence: { source: settings.configPath },
    });
  }
  await examine(found, "ledger.readable", "a ledger or none", async () => {
    const { d1 } = await openRemoteDatabase(remote, settings, { ...database, id: info.id }, "read");
    const ledger = await readLedger(d1, database.migrationsTable);
    const holder = (await readRuns(d1, 5)).find(({ holds }) => holds);
    found.checks.push({
      id: "lease.free",
      outcome: holder === undefined ? "pass" : "warn",
      measured:
        holder === undefined ? "free" : `held by ${holder.holder} until ${holder.expiresAt}`,
      expected: "free",
      evidence: {},
    });
    return {
      value: ledger,
      measured: `${ledger.length} applied`,
      evidence: { table: database.migrationsTable },
    };
  });
}
