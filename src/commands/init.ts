/** @module `init`: writes a commented `d1ops.jsonc` from what it finds in the project. Never overwrites one. */
import { join } from "node:path";
import { isMissing } from "../config/settings-file.ts";
import { writeNewFile } from "../files/write.ts";
import { optionsOf } from "../options/check-options.ts";
import { DEFAULT_STORE } from "../project/default-store.ts";
import { requireUninterrupted } from "../project/interruption.ts";
import { SETTINGS_FILE } from "../project/own-settings.ts";
import { WRITE, type WriteOptions } from "../project/project-options.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../project/project.ts";
import { command, offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { step } from "../report/report-body.ts";
import type { Finding, Report } from "../report/report.ts";
import { settingsText } from "./init/settings-text.ts";
import { surroundingsOf } from "./init/surroundings.ts";
import { committedFinding } from "./snapshot/committed.ts";

const readOptions = optionsOf<WriteOptions>("init", WRITE);

/** @throws OpsError SETTINGS_EXIST, FILE_UNWRITABLE */
export async function init(given: WriteOptions = {}): Promise<Report> {
  return withDatabases("init", readOptions(given), write);
}

async function write(project: AnyProject<WriteOptions>): Promise<ProjectBody> {
  const { settings, options } = project;
  const dry = options.dryRun === true;
  const path = join(settings.projectPath, SETTINGS_FILE);
  const exists = !isMissing(path);
  if (exists && !dry) throw settingsExist(path);
  const store = join(settings.projectPath, DEFAULT_STORE);
  const found = await surroundingsOf(settings, store);
  const text = settingsText(found);
  requireUninterrupted(project);
  // Another process may have written it meanwhile.
  if (!dry) writeNewFile(path, text, settingsExist);
  const isPlain = found.store?.isEncrypted !== true;
  return {
    target: null,
    outcome: dry ? "ok" : "changed",
    summary: summaryOf(path, { dry, exists }),
    steps: exists
      ? [step(SETTINGS_FILE, "skipped", "it exists")]
      : [step(SETTINGS_FILE, dry ? "planned" : "done")],
    findings: [
      ...(dry ? [preview(text)] : []),
      ...(isPlain ? await committedFinding(settings.projectPath, store) : []),
    ],
    data: { file: SETTINGS_FILE, text },
    next: [...(dry && !exists ? [command("init")] : []), command("snapshot take", "--dry-run")],
  };
}

function summaryOf(path: string, { dry, exists }: Record<"dry" | "exists", boolean>): string {
  if (exists) return `Would write nothing, because ${path} exists`;
  return `${dry ? "Would write" : "Wrote"} ${path}`;
}

function preview(text: string): Finding {
  const message = "With --dry-run, d1ops writes no file. This would be its text:";
  return { rule: "settings-preview", level: "info", message, excerpt: text };
}

function settingsExist(path: string): OpsError<"SETTINGS_EXIST"> {
  const message = `${path} already exists. d1ops does not overwrite it.`;
  const hint = [
    offer("To see what init would write", command("init", "--dry-run")),
    offer(
      "To let init write it anew, move the present file away",
      `mv ${shellPath(path)} ${shellPath(`${path}.old`)}`,
    ),
  ].join("\n");
  return new OpsError("SETTINGS_EXIST", { path }, { message, hint });
}
