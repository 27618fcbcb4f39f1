/** @module Phrases and numbers that several reporters share. */
import type { Check, Finding, Outcome, Target } from "./report.ts";
import { printable } from "./printable.ts";

/** `example-db (remote, staging)`. */
export function where(target: Target): string {
  const env = target.env === null ? "" : `, ${printable(environmentText(target))}`;
  return `${printable(target.database)} (${target.place}${env})`;
}

/** `staging`, or `production: the top level of the config` if the environment has no section. */
export function environmentText({ env, section }: Target): string {
  if (env === null) return "(top level)";
  return section === null ? `${env}: the top level of the config` : env;
}

/** `3 ms`, `1.2 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1,234,567.891`, as `toLocaleString` writes it. Its first call loads tables of ICU for 13 ms: a tenth of `migrate status`. */
export function grouped(value: number): string {
  const rounded = Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
  const [whole = "", ...fraction] = String(rounded).split(".");
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, ","), ...fraction].join(".");
}

/** `1 row`, `1,200 rows`. */
export function count(amount: number, noun: string): string {
  return `${grouped(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** `1 table, 2 views and 1 file` */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** `migrations/0008_x.sql:12`, which editors and terminals make clickable; `table users` without a file. Null without both. */
export function findingPlace({ file, line, table }: Finding): string | null {
  if (file !== undefined) return line === undefined ? file : `${file}:${line}`;
  return table === undefined ? null : `table ${table}`;
}

/** `, expected 0 left over`; empty if the check expects nothing in particular. */
export function expectedText({ expected }: Check): string {
  return expected === null ? "" : `, expected ${expected}`;
}

export function isGood(outcome: Outcome): boolean {
  return outcome === "ok" || outcome === "changed";
}
