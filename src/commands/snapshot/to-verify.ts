/** @module Which snapshots `snapshot verify` means. */
import { contradiction } from "../../options/contradiction.ts";
import type { AnyProject } from "../../project/project.ts";
import { type Catalog, latestOf } from "../../snapshots/store/catalog.ts";
import { chosenIn } from "./choose.ts";
import { isNamed } from "./open-store.ts";
import type { SnapshotVerifyOptions } from "./verify-options.ts";

/** `unreadable`: those that may be meant, too. */
export function toVerify(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
): Pick<Catalog, "snapshots" | "unreadable"> {
  const { id, all } = project.options;
  if (all !== true)
    return id === undefined || id.toLowerCase() === "latest"
      ? latest(project, catalog)
      : named(project, catalog, id);
  if (id === undefined) {
    const { unreadable } = catalog;
    const snapshots = catalog.snapshots.filter(isNamed(project));
    // The disk of the store may not be mounted.
    const isNone = snapshots.length + unreadable.length === 0;
    return isNone ? named(project, catalog, "latest") : { snapshots, unreadable };
  }
  throw contradiction("--all", `the id ${id}`);
}

function named(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
  id: string,
): Pick<Catalog, "snapshots" | "unreadable"> {
  return { snapshots: [chosenIn(project, catalog, id).snapshot], unreadable: [] };
}

/** The newest one that can be read, and those that may be newer: a damaged manifest must not make an older snapshot the latest. */
function latest(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
): Pick<Catalog, "snapshots" | "unreadable"> {
  const { newest, newer: unreadable } = latestOf(catalog, isNamed(project));
  if (newest !== null) return { snapshots: [newest], unreadable };
  return unreadable.length > 0 ? { snapshots: [], unreadable } : named(project, catalog, "latest");
}
