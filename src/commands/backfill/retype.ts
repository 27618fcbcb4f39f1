/**
 * The command that was typed, with another backfill's name.
 * @module
 */
import { sameCommand } from "../../project/command-line.ts";
import type { Project } from "../../project/project.ts";

export function retype({ verb, options }: Project): (name: string) => string {
  return (name) => {
    const renamed = { ...options, name };
    return sameCommand({ verb, options: renamed });
  };
}
