/** @module The same verb at another place: a verb that is given a place works on it as on the database of its own options. */
import { resolve } from "node:path";
import type { Variables } from "../config/variables.ts";
import type { Settings } from "../config/wrangler-settings.ts";
import { type DatabasePlace, placeText } from "../options/place.ts";
import { withText } from "../report/error-class.ts";
import { hasCode } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import type { ProjectOptions } from "./project-options.ts";
import { makeProject, type Project } from "./project.ts";
import { findSettings, variablesOf } from "./settings.ts";

/**
 * The project whose database is at `place`. Its databases close with those of `project`. `local` and `remote` are of the environment of
 * `project`; `env:NAME` is the remote database of that environment; a file counts as local, has its path as name and id, and belongs to
 * no environment. Opens nothing.
 * @throws OpsError of the config room
 */
export async function projectAt<O extends ProjectOptions>(
  project: Project<O>,
  place: DatabasePlace,
): Promise<Project<O>> {
  switch (place.kind) {
    case "local":
    case "remote":
      return withOptions(project, { ...project.options, place: place.kind });
    case "env": {
      const options: O = { ...project.options, place: "remote", env: place.env };
      const variables = variablesOf(options);
      const settings = await settingsAt(options, variables);
      return makeProject({ ...project, options, settings, variables }, project.closing);
    }
    case "file": {
      const there = withOptions(project, { ...project.options, place: "local" });
      const file = resolve(project.cwd, place.path);
      const { settings } = project;
      const database = { ...settings.database, name: place.path, localId: file, file };
      return { ...there, settings: { ...settings, env: null, section: null, database } };
    }
  }
}

/** The hint for a mistyped `--env` would not correct the place. */
async function settingsAt(options: ProjectOptions, variables: Variables): Promise<Settings> {
  try {
    return await findSettings(options, variables);
  } catch (error) {
    if (!hasCode(error, "ENVIRONMENT_UNKNOWN")) throw error;
    const { name, known } = error.details;
    const guess = nearest(name, known);
    const places = known.map((env) => placeText({ kind: "env", env })).join(", ");
    const lines = [
      ...(guess === null ? [] : [`Did you mean env:${guess}?`]),
      known.length === 0
        ? "The config has no environments: `remote` is its database."
        : `The environments of the config are: ${places}.`,
    ];
    throw withText(error, { message: error.message, hint: lines.join("\n") });
  }
}

function withOptions<O extends ProjectOptions>(project: Project<O>, options: O): Project<O> {
  return makeProject({ ...project, options }, project.closing);
}
