/** @module The Worker that uses the database of a snapshot. */
import type { AnyProject } from "../../project/project.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";

type Known = Pick<Manifest, "worker">;

/** Empty for a local database, if the config has no name of the Worker, or if Cloudflare does not tell. Never an error of `take`. */
export async function servingWorker(project: AnyProject): Promise<Known> {
  const ask = project.byPlace({ local: async (): Promise<Known> => ({}), remote: askCloudflare });
  return ask(project);
}

async function askCloudflare({ settings, connect }: AnyProject): Promise<Known> {
  const { workerName } = settings;
  if (workerName === null || workerName === "") return {};
  const { deployedWorker } = await import("../../cloudflare/deployed-worker.ts");
  const { api, account } = await connect();
  const worker = await deployedWorker(api, account.id, workerName);
  return worker === null ? {} : { worker };
}
