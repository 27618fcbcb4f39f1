/** @module Lets Ctrl-C stop long work on the local engine and the disk, which are synchronous or do not know signals. */
import type { D1Database } from "../database/port.ts";
import type { Store } from "../snapshots/store/store.ts";
import { requireUninterrupted } from "./interruption.ts";
import type { AnyProject } from "./project.ts";

type Stoppable = Pick<AnyProject, "breathe" | "stopping">;

/** Checks before each batch. @throws OpsError INTERRUPTED */
export function interruptibleDatabase(d1: D1Database, project: Stoppable): D1Database {
  return {
    prepare: (query) => d1.prepare(query),
    exec: async (query) => d1.exec(query),
    async batch(statements) {
      await pause(project);
      return d1.batch(statements);
    },
  };
}

/** Checks before each access. @throws OpsError INTERRUPTED */
export function interruptibleStore(store: Store, project: Stoppable): Store {
  return {
    ...store,
    async read(folder, name, part) {
      await pause(project);
      return store.read(folder, name, part);
    },
    async write(folder, name, bytes) {
      await pause(project);
      await store.write(folder, name, bytes);
    },
    async remove(folder, name) {
      await pause(project);
      await store.remove(folder, name);
    },
  };
}

async function pause(project: Stoppable): Promise<void> {
  await project.breathe();
  requireUninterrupted(project);
}
