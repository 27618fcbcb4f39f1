/** @module The targets of backfills, and whether a run meets them. */
import {
  type Backfills,
  type Filler,
  LARGE,
  LOCAL_FORMS,
  type LocalForm,
  SMALL,
} from "./backfills.ts";
import type { RemoteFill } from "./backfills-remote.ts";
import type { Result } from "./measure.ts";
import { median } from "./statistics.ts";
import { atMost, type Target, times } from "./targets.ts";

export function judgeBackfills(backfills: Backfills): Target[] {
  return [
    ...LOCAL_FORMS.map((form) =>
      atMost(
        `backfill of 1,000,000, ${form}: at most 2 times one UPDATE`,
        2,
        ratio(fillOf(backfills, LARGE, form), fillOf(backfills, LARGE, "sqlite3")),
        times,
      ),
    ),
    ...LOCAL_FORMS.map((form) =>
      atMost(
        `the same beside a busy loop, ${form}: at most 2 times one UPDATE`,
        2,
        ratio(medianOf(backfills.busy, form), medianOf(backfills.busy, "sqlite3")),
        times,
      ),
    ),
    linear(backfills),
    atMost(
      "memory of a backfill of 1,000,000, every form: under 150 MB",
      150,
      most(LOCAL_FORMS.map((form) => peakOf(backfills, LARGE, form) / 1e6)),
      (mb) => `${mb.toFixed(1)} MB`,
    ),
    atMost(
      "memory of a backfill of 1,000,000: at most 10 % above that of 100,000",
      10,
      most(
        LOCAL_FORMS.map(
          (form) => 100 * (peakOf(backfills, LARGE, form) / peakOf(backfills, SMALL, form) - 1),
        ),
      ),
      (percent) => `${percent.toFixed(1)} %`,
    ),
    requests(backfills),
  ];
}

/** A window whose cost grew with the rows before it would show here, although the start weighs more with few rows. */
function linear(backfills: Backfills): Target {
  const row = (rows: number, form: LocalForm): number =>
    (fillOf(backfills, rows, form) ?? Number.NaN) / rows;
  return atMost(
    "backfill, every form: time per row of 1,000,000 at most 1.25 times that of 100,000",
    1.25,
    most(LOCAL_FORMS.map((form) => row(LARGE, form) / row(SMALL, form))),
    times,
  );
}

/** The requests per window, from few windows and many; the rest does not depend on their number. */
function requests({ remote }: Backfills): Target {
  const slopes = remote.fills.flatMap((few) => {
    const many = remote.fills.find((one) => one.form === few.form && one.windows > few.windows);
    return many === undefined ? [] : [slope(few, many)];
  });
  const others = most(remote.fills.map((one) => one.requests - one.windows));
  return atMost(
    "backfill --remote, every form: at most 1 request per window",
    1,
    slopes.length === 0 ? null : most(slopes),
    (number) => `${number.toFixed(2)}, and at most ${others} others`,
  );
}

function slope(few: RemoteFill, many: RemoteFill): number {
  return (many.requests - few.requests) / (many.windows - few.windows);
}

export function fillOf({ filled }: Backfills, rows: number, name: Filler): number | null {
  return medianOf(filled.find((one) => one.rows === rows)?.results ?? [], name);
}

export function medianOf(results: readonly Result<Filler>[], name: Filler): number | null {
  return median(results.find((one) => one.name === name)?.samplesMs ?? []);
}

function peakOf({ memory }: Backfills, rows: number, form: LocalForm): number {
  const found = memory.find((one) => one.rows === rows && one.form === form);
  return median(found?.samplesBytes ?? []) ?? Number.NaN;
}

function ratio(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null ? null : dividend / divisor;
}

function most(values: readonly number[]): number {
  return Math.max(...values);
}
