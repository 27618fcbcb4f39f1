/** @module Runs every verb: resolves its project once, closes the databases that it opens, and completes the commands that it suggests. */
import { setImmediate } from "node:timers/promises";
import type { ProjectSettings, Settings } from "../config/wrangler-settings.ts";
import type { Variables } from "../config/variables.ts";
import type { Database } from "../database/port.ts";
import { type Clock, realClock, sleeper } from "../failure/clock.ts";
import type { Report, Target, UsedSetting } from "../report/report.ts";
import { OpsError } from "../report/error.ts";
import type { Verb } from "../verbs.ts";
import { completeError, completeReport } from "./command-line.ts";
import { requirePlace } from "./require-place.ts";
import type { Body } from "../report/report-body.ts";
import { reportOf } from "./envelope.ts";
import { findOwnSettings, type OwnSettings, type ReadSetting, recording } from "./own-settings.ts";
import type { ProjectOptions } from "./project-options.ts";
import type { RemoteProject } from "./connect-remote.ts";
import { cwdOf, findProjectSettings, findSettings, resolveTyped, variablesOf } from "./settings.ts";

/** The resolved options of a verb. */
export interface Project<
  O extends ProjectOptions = ProjectOptions,
  S extends ProjectSettings = Settings,
> {
  readonly verb: Verb;
  /** The options of the call. Prefer the resolved values below. */
  readonly options: O;
  readonly settings: S;
  readonly startedAt: Date;
  readonly cwd: string;
  /** The environment variables of the process, then those of the `.env` files. */
  readonly variables: Variables;
  readonly place: Target["place"];
  /** Returns the value for the place. */
  readonly byPlace: <T>(choice: Readonly<Record<Target["place"], T>>) => T;
  readonly clock: Clock;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** The date now. Unlike `now`, it goes on while the computer sleeps. */
  readonly date: () => Date;
  /** Waits, in milliseconds. @throws OpsError INTERRUPTED */
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets node handle signals. The local engine is synchronous: without this pause, the event loop would never deliver one. */
  readonly breathe: () => Promise<void>;
  /** True after the caller's signal was aborted. */
  readonly stopping: () => boolean;
  /** Finds credentials and account, once per verb. @throws OpsError CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, those of the API */
  readonly connect: () => Promise<RemoteProject>;
  /** Closes the database when the verb ends, the last opened first. */
  readonly closing: <D extends Database>(database: D) => D;
  /** The setting of `d1ops.jsonc`, or of its variable. Null if it is not set. The report names the settings that a verb asks for. */
  readonly setting: ReadSetting;
}

export type AnyProject<O extends ProjectOptions = ProjectOptions> = Project<O, ProjectSettings>;

/** The body of a report. Its target is the database that was opened last, unless the verb sets another. */
export type ProjectBody = Body & { readonly target?: Target | null };

/** For a verb that reads one database. @throws OpsError of the config room, and those of the verb */
export async function withProject<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  body: (project: Project<O>) => Promise<ProjectBody>,
): Promise<Report> {
  return runVerb({ verb, options, find: findSettings, body });
}

/**
 * For a verb that writes to one database. It requires a place, and an environment if the config has environments.
 * @throws OpsError of the config room, PLACE_MISSING, ENVIRONMENT_MISSING, and those of the verb
 */
export async function withWritingProject<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  body: (project: Project<O>) => Promise<ProjectBody>,
): Promise<Report> {
  return runVerb({ verb, options, writes: true, find: findSettings, body });
}

/**
 * For a verb on all databases of the config, or on the database that `db` names. If the config cannot be read, `unread` replaces the body.
 * Without `unread`, that is an error.
 */
export async function withDatabases<O extends ProjectOptions>(
  verb: Verb,
  options: O,
  body: (project: AnyProject<O>) => Promise<ProjectBody>,
  unread?: (error: OpsError) => Promise<ProjectBody>,
): Promise<Report> {
  return runVerb({ verb, options, find: findProjectSettings, body, unread });
}

interface VerbRun<O extends ProjectOptions, S extends ProjectSettings> {
  readonly verb: Verb;
  readonly options: O;
  readonly writes?: boolean;
  readonly find: (options: O, variables: Variables) => Promise<S>;
  readonly body: (project: Project<O, S>) => Promise<ProjectBody>;
  readonly unread?: ((error: OpsError) => Promise<ProjectBody>) | undefined;
}

async function runVerb<O extends ProjectOptions, S extends ProjectSettings>({
  verb,
  options,
  writes = false,
  find,
  body,
  unread,
}: VerbRun<O, S>): Promise<Report> {
  const startedAt = new Date();
  const began = performance.now();
  const opened: Database[] = [];
  const used = new Map<string, UsedSetting>();
  const typed = { verb, options };
  let settings: S | null = null;
  const work = async (): Promise<ProjectBody> => {
    let variables: Variables;
    let own: OwnSettings;
    try {
      variables = variablesOf(options);
      settings = await find(options, variables);
      own = await findOwnSettings(settings.projectPath, variables);
    } catch (error) {
      if (unread === undefined || !(error instanceof OpsError)) throw error;
      return unread(error);
    }
    if (writes) await requirePlace(typed, settings);
    const closing: Project["closing"] = (database) => {
      opened.push(database);
      return database;
    };
    const setting = recording(own, used);
    return body(makeProject({ ...typed, settings, startedAt, variables, setting }, closing));
  };
  try {
    const { target = opened.at(-1)?.target ?? null, ...made } = await work();
    // Closing can write what a database has deferred. If that fails, the verb fails.
    for (let last = opened.pop(); last !== undefined; last = opened.pop()) last.close();
    const durationMs = performance.now() - began;
    const about = { command: verb, target, startedAt, durationMs, settings: [...used.values()] };
    const report = reportOf(about, made);
    return completeReport(report, await resolveTyped(typed, settings));
  } catch (error) {
    closeAll(opened);
    throw completeError(error, await resolveTyped(typed, settings));
  }
}

/** A pause takes as long as a small migration, so this makes one only when the last is a few milliseconds ago. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await setImmediate();
    last = performance.now();
  };
}

const BREATH_MS = 10;

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

type Resolved<O extends ProjectOptions, S extends ProjectSettings> = Pick<
  Project<O, S>,
  "verb" | "options" | "settings" | "startedAt" | "variables" | "setting"
>;

/** `closing`: see {@link Project.closing}. */
export function makeProject<O extends ProjectOptions, S extends ProjectSettings>(
  { verb, options, settings, startedAt, variables, setting }: Resolved<O, S>,
  closing: Project["closing"],
): Project<O, S> {
  const { place = "local", clock = realClock, signal } = options;
  let remote: Promise<RemoteProject> | null = null;
  const connect = async (): Promise<RemoteProject> => {
    const { connectRemote } = await import("./connect-remote.ts");
    return connectRemote({ settings, variables, options: { ...options, clock } });
  };
  return {
    verb,
    options,
    settings,
    startedAt,
    variables,
    cwd: cwdOf(options),
    place,
    byPlace: (choice) => choice[place],
    clock,
    now: () => clock.now(),
    date: () => new Date(),
    sleep: sleeper({ clock, signal }),
    breathe: breather(),
    stopping: () => signal?.aborted === true,
    connect: async () => (remote ??= connect()),
    closing,
    setting,
  };
}
