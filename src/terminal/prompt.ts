/** @module Prompts the user. Without a terminal, returns "not-interactive", never yes: clack's own confirm would wait for ever. */
import type * as Clack from "@clack/prompts";
import type { Readable, Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { shellWord } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { printableLines } from "../report/printable.ts";
import type { Environment } from "./style.ts";

export interface PromptIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Environment;
  /** Ends the prompt. Its reason is the name of the process's signal. */
  readonly signal?: AbortSignal;
}

export type Answer = "yes" | "no" | "not-interactive";

/** True if stdin and stderr are terminals, outside CI. */
export function isInteractive(io: PromptIo): boolean {
  const ci = io.env["CI"] ?? "";
  const automatic = ci !== "" && ci !== "0" && ci !== "false";
  return io.stdin.isTTY === true && io.stderr.isTTY === true && !automatic;
}

/** Yes or no; the default is no. Escape, Ctrl-D and a closed terminal mean no. @throws OpsError INTERRUPTED after Ctrl-C or a signal */
export async function confirm(question: string, io: PromptIo): Promise<Answer> {
  return prompt(io, CONFIRMS, async ({ confirm: ask }, common) => {
    const message = printableLines(question).join("\n");
    return (await ask({ ...common, message, initialValue: false })) === true ? "yes" : "no";
  });
}

/** Yes if the user types exactly `name`. */
export async function confirmByName(question: string, name: string, io: PromptIo): Promise<Answer> {
  const inAdvance = `--confirm ${shellWord(name)} confirms in advance.`;
  return prompt(io, inAdvance, async ({ text: ask }, common) => {
    const message = [...printableLines(question), `Type ${name} to continue:`].join("\n");
    return (await ask({ ...common, message })) === name ? "yes" : "no";
  });
}

/**
 * A text that the terminal does not show. Null: there is no terminal, the user cancelled, or the text is empty. `variable` is the
 * environment variable that answers in advance.
 */
export async function askSecret(
  question: string,
  variable: string,
  io: PromptIo,
): Promise<string | null> {
  const inAdvance = `Set ${variable} to answer in advance.`;
  const answer = await prompt(io, inAdvance, async ({ password: ask }, common) => {
    const typed = await ask({ ...common, message: printableLines(question).join("\n") });
    return { text: typeof typed === "string" && typed !== "" ? typed : null };
  });
  return answer === "not-interactive" ? null : answer.text;
}

/** How to run a command that asks nothing. */
const CONFIRMS = "--yes confirms in advance.";

/** `ask` gets a symbol from clack for a cancelled prompt. */
async function prompt<A>(
  io: PromptIo,
  inAdvance: string,
  ask: (
    clack: typeof Clack,
    common: Pick<Clack.ConfirmOptions, "input" | "output" | "signal">,
  ) => Promise<A>,
): Promise<A | "not-interactive"> {
  if (isAborted(io)) throw interruption(io.signal, inAdvance);
  if (!isInteractive(io) || io.stdin.readableEnded || io.stdin.destroyed) return "not-interactive";
  const closed = new AbortController();
  const hangUp = (): void => closed.abort();
  let interrupted = false;
  const watch = (_text: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    if (key.ctrl === true && key.name === "c") interrupted = true;
    // Readline closes itself on Ctrl-D. clack does not notice that, so its prompt would never settle.
    if (key.ctrl === true && key.name === "d") hangUp();
  };
  io.stdin.once("end", hangUp).once("close", hangUp).on("keypress", watch);
  io.signal?.addEventListener("abort", hangUp);
  // Readline pauses the input after Ctrl-Z and `fg`, and clack does not resume it. Nothing would be pending, so the process would end.
  const resume = (): void => void setImmediate().then(() => io.stdin.resume());
  process.on("SIGCONT", resume);
  try {
    const common = { input: io.stdin, output: io.stderr, signal: closed.signal };
    const answer = await ask(await import("@clack/prompts"), common);
    // Node delivers a signal up to one turn of the loop after it was sent. It may have been sent before the answer.
    await setImmediate();
    await setImmediate();
    if (interrupted || isAborted(io)) throw interruption(io.signal, inAdvance);
    return answer;
  } finally {
    process.off("SIGCONT", resume);
    io.signal?.removeEventListener("abort", hangUp);
    io.stdin.off("end", hangUp).off("close", hangUp).off("keypress", watch);
  }
}

function isAborted({ signal }: PromptIo): boolean {
  return signal?.aborted === true;
}

function interruption(by: AbortSignal | undefined, inAdvance: string): OpsError<"INTERRUPTED"> {
  const signal = by?.aborted === true ? String(by.reason) : "SIGINT";
  const message = "Interrupted at the prompt. Nothing was changed.";
  const hint = `Run the command again. ${inAdvance}`;
  return new OpsError("INTERRUPTED", { signal }, { message, hint });
}
