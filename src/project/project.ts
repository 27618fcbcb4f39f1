/**
 * The bracket around every verb: what it works on is resolved once, what it opens is closed, and the commands that it suggests
 * are completed with what was typed.
 * @module
 */
import type { ProjectSettings, Settings } from "../config/wrangler-settings.ts";
import type { Variables } from "../config/variables.ts";
import type { Database } from "../database/port.ts";
import { type Clock, realClock, sleeper } from "../failure/clock.ts";
import type { Verb } from "../report/command.ts";
import type { Report, Target } from "../report/report.ts";
import { OpsError } from "../report/error.ts";
import type { TypedCommand } from "./command-line.ts";
import { completeError, completeReport } from "./complete-commands.ts";
import { demandPlace } from "./require-place.ts";
import type { Body } from "../report/report-body.ts";
import { reportOf } from "./envelope.ts";
import type { ProjectOptions } from "./project-options.ts";
import type { RemoteProject } from "./connect-remote.ts";
import {
  cwdOf,
  environmentOf,
  findProjectSettings,
  findSettings,
  resolvedEnvironment,
  variablesOf,
} from "./settings.ts";

/** What a verb works on. */
export interface Project<
  O extends ProjectOptions = ProjectOptions,
  S extends ProjectSettings = Settings,
> {
  readonly verb: Verb;
  /** The options of the call. Read the resolved values below instead of those that repeat here. */
  readonly options: O;
  readonly settings: S;
  readonly startedAt: Date;
  readonly cwd: string;
  /** The process's environment, over the `.env` files. */
  readonly variables: Variables;
  readonly place: Target["place"];
  /** The one of two that belongs to the place. */
  readonly byPlace: <T>(choice: Readonly<Record<Target["place"], T>>) => T;
  readonly clock: Clock;
  /** Waits, in milliseconds. @throws OpsError INTERRUPTED */
  readonly sleep: (ms: number) => Promise<void>;
  /** True when the caller's signal asks the verb to end. */
  readonly stopping: () => boolean;
  /** Finds credentials and account, once per verb. @throws OpsError CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, those of the API */
  readonly connect: () => Promise<RemoteProject>;
  /** Closes the database when the verb ends, the last opened first. */
  readonly closing: <D extends Database>(database: D) => D;
}

export type AnyProject<O extends ProjectOptions = ProjectOptions> = Project<O, ProjectSettings>;

/** The body of a report. Its target is the database that was opened last, unless the verb sets another. */
export type ProjectBody = Body & { readonly target?: Target | null };

interface Needs {
  /** True for a verb that writes: it requires a place, and an environment if the config has environments. */
  readonly place?: boolean;
}

/** For a verb on one database. @throws OpsError of the config room, PLACE_MISSING, ENVIRONMENT_MISSING, and those of the verb */
export async function withProject<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  needs: Needs,
  body: (project: Project<O>) => Promise<ProjectBody>,
): Promise<Report> {
  return bracket(verb, options, needs, findSettings, body);
}

/**
 * For a verb on all databases of the config, or the one that `db` names. `unread` answers instead of it where the config cannot be read;
 * without it that is an error.
 */
export async function withDatabases<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  body: (project: AnyProject<O>) => Promise<ProjectBody>,
  unread?: (error: OpsError) => Promise<ProjectBody>,
): Promise<Report> {
  return bracket(verb, options, {}, findProjectSettings, body, unread);
}

async function bracket<O extends ProjectOptions, S extends ProjectSettings>(
  verb: Verb,
  options: O,
  needs: Needs,
  find: (options: O, variables: Variables) => Promise<S>,
  body: (project: Project<O, S>) => Promise<ProjectBody>,
  unread?: (error: OpsError) => Promise<ProjectBody>,
): Promise<Report> {
  const startedAt = new Date();
  const began = performance.now();
  const opened: Database[] = [];
  let resolved: { readonly settings: S; readonly variables: Variables } | null = null;
  const typed = async (): Promise<TypedCommand> => {
    const env =
      resolved === null ? await resolvedEnvironment(options) : environmentOf(resolved.settings);
    return {
      verb,
      options: { ...options, ...(options.env === undefined && env !== undefined && { env }) },
    };
  };
  const work = async (): Promise<ProjectBody> => {
    try {
      const variables = variablesOf(options);
      resolved = { variables, settings: await find(options, variables) };
    } catch (error) {
      if (unread === undefined || !(error instanceof OpsError)) throw error;
      return unread(error);
    }
    if (needs.place === true) await demandPlace({ verb, options }, resolved.settings);
    return body(makeProject({ verb, options, startedAt, opened, ...resolved }));
  };
  try {
    const { target = opened.at(-1)?.target ?? null, ...made } = await work();
    // Closing can write what a database has deferred. If that fails, the verb fails.
    for (let last = opened.pop(); last !== undefined; last = opened.pop()) last.close();
    const durationMs = performance.now() - began;
    const whole = reportOf({ command: verb, target, startedAt, durationMs }, made);
    return completeReport(whole, await typed());
  } catch (error) {
    closeAll(opened);
    throw completeError(error, await typed());
  }
}

/** Closes what a failed verb leaves open. The verb's error is reported, so errors of closing are ignored. */
function closeAll(opened: Database[]): void {
  for (let last = opened.pop(); last !== undefined; last = opened.pop()) {
    try {
      last.close();
    } catch {
      // The other databases must be closed, too.
    }
  }
}

interface Resolved<O, S> {
  readonly verb: Verb;
  readonly options: O;
  readonly settings: S;
  readonly startedAt: Date;
  readonly variables: Variables;
  readonly opened: Database[];
}

function makeProject<O extends ProjectOptions, S extends ProjectSettings>({
  opened,
  ...resolved
}: Resolved<O, S>): Project<O, S> {
  const { options, settings, variables } = resolved;
  const { place = "local", clock = realClock, signal } = options;
  let remote: Promise<RemoteProject> | null = null;
  const connect = async (): Promise<RemoteProject> => {
    const { connectRemote } = await import("./connect-remote.ts");
    return connectRemote(settings, variables, options);
  };
  return {
    ...resolved,
    cwd: cwdOf(options),
    place,
    byPlace: (choice) => choice[place],
    clock,
    sleep: sleeper({ clock, signal }),
    stopping: () => signal?.aborted === true,
    connect: async () => (remote ??= connect()),
    closing(database) {
      opened.push(database);
      return database;
    },
  };
}
