/** @module The versions of a Worker that serve requests now. */
import type { DeploymentListResponse } from "cloudflare/resources/workers/scripts";
import type { Api } from "./api.ts";
import { ApiFailure } from "./api-failure.ts";

export interface DeployedWorker {
  readonly name: string;
  /** Two during a gradual deployment, otherwise one. */
  readonly versions: readonly { readonly id: string; readonly percentage: number }[];
}

/** Null if the token may not read it, if there is no such Worker, or if Cloudflare does not answer. Costs one request. */
export async function deployedWorker(
  api: Api,
  account: string,
  name: string,
): Promise<DeployedWorker | null> {
  const path = `/accounts/${encodeURIComponent(account)}/workers/scripts/${encodeURIComponent(name)}/deployments`;
  try {
    // The SDK's resource of Workers would load all that it can upload.
    const { result } = await api.call<Partial<DeploymentListResponse>>("read", (sdk, options) =>
      sdk.get(path, options),
    );
    return deploymentOf(name, result?.deployments);
  } catch (error) {
    if (error instanceof ApiFailure) return null;
    throw error;
  }
}

/** The API's types guarantee nothing. The newest deployment comes first. */
function deploymentOf(name: string, deployments: unknown): DeployedWorker | null {
  const list: unknown[] = Array.isArray(deployments) ? deployments : [];
  const [newest] = list;
  if (typeof newest !== "object" || newest === null || !("versions" in newest)) return null;
  const shares: unknown[] = Array.isArray(newest.versions) ? newest.versions : [];
  const versions = shares.flatMap((share) =>
    typeof share === "object" &&
    share !== null &&
    "version_id" in share &&
    "percentage" in share &&
    typeof share.version_id === "string" &&
    typeof share.percentage === "number"
      ? [{ id: share.version_id, percentage: share.percentage }]
      : [],
  );
  return versions.length === 0 ? null : { name, versions };
}
