/** @module Formats phone numbers, weekdays, times, durations and greetings for a language. */
import { GREETINGS } from "../onboarding/voices.ts";
import type { Session } from "./read-session.ts";

/** Groups the digits of a French number; returns other numbers unchanged. */
export function phoneAs(number: string): string {
  const french = /^\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(number);
  return french === null ? number : `+33 ${french.slice(1).join(" ")}`.replaceAll(" ", "\u00A0");
}

/** `day`: 1 is Monday. */
export function weekdayOf(tag: string, day: number): string {
  const format = new Intl.DateTimeFormat(tag, { weekday: "long", timeZone: "UTC" });
  // 1 January 2024 was a Monday.
  return format.format(new Date(Date.UTC(2024, 0, day)));
}

/** `time`: `09:00` */
export function hourOf(tag: string, time: string): string {
  const format = new Intl.DateTimeFormat(tag, { timeStyle: "short", timeZone: "UTC" });
  return format.format(new Date(`2024-01-01T${time}:00Z`));
}

/** `iso`: ISO 8601 */
export function momentOf(tag: string, iso: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "short" }).format(
    new Date(iso),
  );
}

/** Rounds to seconds below 1 minute, minutes below 90 minutes, hours below 36 hours, and days above. */
export function durationOf(tag: string, seconds: number): string {
  const [unit, size] =
    seconds < 60
      ? (["second", 1] as const)
      : seconds < 5400
        ? (["minute", 60] as const)
        : seconds < 129_600
          ? (["hour", 3600] as const)
          : (["day", 86_400] as const);
  const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.round(seconds / size));
}

export type GreetingValues = Pick<Session, "agent_name" | "company_name" | "voice_language"> & {
  readonly voice: string | null;
};

/** The assistant's greeting, as callers hear it. Empty if the voice or the language was configured by hand: its greeting is unknown here. */
export function greetingOf(values: GreetingValues): string {
  const found = GREETINGS.find(
    ({ language, voice }) => language === values.voice_language && voice === values.voice,
  );
  if (found === undefined) return "";
  const { before, between, after } = found;
  const text = `${before}${values.agent_name || "…"}${between}${values.company_name || "…"}${after}`;
  return text.replaceAll(/ (?=[?!:;])/g, "\u00A0");
}
