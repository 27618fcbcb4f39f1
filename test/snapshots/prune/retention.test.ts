import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCalendarDuration } from "../../../src/snapshots/prune/calendar-duration.ts";
import {
  applyPolicy,
  type Dated,
  PERIODS,
  type Period,
  type Policy,
} from "../../../src/snapshots/prune/retention.ts";

const NOW = new Date("2200-01-01T00:00:00Z");

interface Rules extends Partial<Record<Period, number>> {
  readonly within?: string;
  readonly labels?: readonly string[];
}

function policy({ within, labels = [], ...counts }: Rules): Policy {
  const none = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const parsed = within === undefined ? null : parseCalendarDuration(within);
  return { counts: { ...none, ...counts }, within: parsed, labels };
}

/** `2025-04-21 11:00` in UTC, and a label behind it if there is one. */
function dated(line: string): Dated {
  const [, time = "", label = ""] = /^([\d-]+ [\d:.]+) ?(.*)$/.exec(line) ?? [];
  const takenAt = new Date(`${time.replace(" ", "T")}Z`).toISOString();
  return { id: line, takenAt, label: label === "" ? null : label };
}

/** The kept ones, newest first, each with its reasons. */
function kept(lines: readonly string[], rules: Rules, now = NOW): string[] {
  return applyPolicy(lines.map(dated), policy(rules), now)
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ snapshot, reasons }) => `${snapshot.id}: ${reasons.join(", ")}`);
}

const DAY = 86_400_000;

/** One a day at noon, up to `last`. */
function everyDay(days: number, last: string): string[] {
  const end = Date.parse(`${last}T12:00:00Z`);
  return Array.from({ length: days }, (_, i) =>
    new Date(end - i * DAY).toISOString().slice(0, 19).replace("T", " "),
  );
}

describe("the documented examples of restic", () => {
  const workdays = [
    "2025-04-21 11:00",
    "2025-04-22 11:00",
    "2025-04-23 11:00",
    "2025-04-24 11:00",
    "2025-04-25 11:00",
    "2025-04-25 23:00",
    "2025-04-28 11:00",
    "2025-04-29 11:00",
    "2025-05-01 11:00",
    "2025-05-02 11:00",
    "2025-05-02 23:00",
  ];

  test("daily 5 keeps the last snapshot of each of the last five days that have one", () => {
    expect(kept(workdays, { daily: 5 })).toEqual([
      "2025-05-02 23:00: daily snapshot",
      "2025-05-01 11:00: daily snapshot",
      "2025-04-29 11:00: daily snapshot",
      "2025-04-28 11:00: daily snapshot",
      "2025-04-25 23:00: daily snapshot",
    ]);
  });

  test("daily 4 of snapshots on twelve Sundays keeps the last four", () => {
    const sundays = everyDay(84, "2026-11-29").filter((_, i) => i % 7 === 0);
    expect(sundays).toHaveLength(12);
    expect(kept(sundays, { daily: 4 })).toEqual(
      sundays.slice(0, 4).map((day) => `${day}: daily snapshot`),
    );
  });

  test("7 daily, 5 weekly, 12 monthly and 75 yearly of a hundred years of daily snapshots keep 95", () => {
    const century = everyDay(36_524, "2026-11-29");
    const found = kept(century, { daily: 7, weekly: 5, monthly: 12, yearly: 75 });
    const days = found.map((line) => line.slice(0, 10));
    expect(days.slice(0, 7)).toEqual(everyDay(7, "2026-11-29").map((day) => day.slice(0, 10)));
    // Four more Sundays, then the last days of eleven months, of which the newest is also the newest day.
    expect(days.slice(7, 9)).toEqual(["2026-11-22", "2026-11-15"]);
    expect(days.slice(9, 13)).toEqual(["2026-11-08", "2026-11-01", "2026-10-31", "2026-09-30"]);
    // December is also the last of the year 2025.
    expect(days).toContain("2025-12-31");
    expect(days.at(-1)).toBe("1952-12-31");
    expect(found).toHaveLength(7 + 4 + 11 + 73);
    expect(found[0]).toContain(
      ": daily snapshot, weekly snapshot, monthly snapshot, yearly snapshot",
    );
  });

  test("within 2y5m7d3h keeps what is younger than that before the newest snapshot, to the second", () => {
    const lines = ["2024-02-22 07:59:59", "2024-02-22 08:00:00", "2024-02-22 08:00:01"];
    expect(kept([...lines, "2026-07-29 11:00:00"], { within: "2y5m7d3h" })).toEqual([
      "2026-07-29 11:00:00: within 2y5m7d3h",
      "2024-02-22 08:00:01: within 2y5m7d3h",
    ]);
  });
});

describe("a policy", () => {
  test.each<[Period, string, string, string]>([
    ["hourly", "2026-03-01 09:59:59.999", "2026-03-01 10:00", "2026-03-01 10:59:59"],
    ["daily", "2026-03-01 23:59:59.999", "2026-03-02 00:00", "2026-03-02 23:59:59"],
    ["weekly", "2024-12-29 23:59:59.999", "2024-12-30 00:00", "2025-01-05 23:59:59"],
    ["monthly", "2026-02-28 23:59:59.999", "2026-03-01 00:00", "2026-03-31 23:59:59"],
    ["yearly", "2025-12-31 23:59:59.999", "2026-01-01 00:00", "2026-12-31 23:59:59"],
  ])("counts calendar units in UTC: %s", (period, before, first, last) => {
    expect(kept(["2000-01-01 00:00", before, first, last], { [period]: 2 })).toEqual([
      `${last}: ${period} snapshot`,
      `${before}: ${period} snapshot`,
    ]);
  });

  test("keeps the oldest snapshot as well while a rule has not found all of its number", () => {
    const lines = ["2026-01-01 09:00", "2026-01-01 10:00", "2026-01-02 09:00", "2026-01-02 10:00"];
    expect(kept(lines, { daily: 3 })).toEqual([
      "2026-01-02 10:00: daily snapshot",
      "2026-01-01 10:00: daily snapshot",
      "2026-01-01 09:00: oldest daily snapshot",
    ]);
    expect(kept(lines, { daily: 2 })).toHaveLength(2);
  });

  test("gives every reason to keep a snapshot", () => {
    const [line] = kept(["2026-01-01 09:00 release 4"], {
      last: 1,
      hourly: 1,
      daily: 1,
      weekly: 1,
      monthly: 1,
      yearly: 1,
      within: "1d2h",
      labels: ["release 4"],
    });
    expect(line).toBe(
      '2026-01-01 09:00 release 4: has the label "release 4", within 1d2h, last snapshot, hourly snapshot, daily snapshot, weekly snapshot, monthly snapshot, yearly snapshot',
    );
  });

  test("keeps each snapshot whose whole label it names", () => {
    const lines = [
      "2026-01-01 09:00 a",
      "2026-01-02 09:00 b",
      "2026-01-03 09:00 ab",
      "2026-01-04 09:00",
    ];
    expect(kept(lines, { labels: ["a", "b"] })).toEqual([
      '2026-01-02 09:00 b: has the label "b"',
      '2026-01-01 09:00 a: has the label "a"',
    ]);
  });

  test("counts from the newest snapshot that is not of the future, and keeps those of the future", () => {
    const lines = ["2026-01-01 00:00", "2026-01-08 00:00", "2026-01-09 00:00", "2027-01-01 00:00"];
    expect(kept(lines, { within: "2d" }, new Date("2026-01-10T00:00:00Z"))).toEqual([
      "2027-01-01 00:00: within 2d",
      "2026-01-09 00:00: within 2d",
      "2026-01-08 00:00: within 2d",
    ]);
    expect(kept(lines, { within: "1h" }, new Date("2025-01-01T00:00:00Z"))).toHaveLength(4);
  });

  test("keeps everything within a time longer than the calendar", () => {
    expect(kept(["0001-01-01 00:00", "2026-01-01 00:00"], { within: "99999y" })).toHaveLength(2);
    expect(kept(["1975-12-31 00:00", "2026-01-01 00:00"], { within: "1950y" })).toHaveLength(2);
  });
});

describe("a duration", () => {
  test.each([
    ["1y5m7d2h", { years: 1, months: 5, days: 7, hours: 2 }],
    ["4h3d9m", { years: 0, months: 9, days: 3, hours: 4 }],
    [" 10d ", { years: 0, months: 0, days: 10, hours: 0 }],
  ])("%s is read by its units in any order", (text, expected) => {
    expect(parseCalendarDuration(text)).toEqual(expected);
  });

  test.each(["", "0d", "2w", "5", "d", "-7d", "1d2d", "1.5d", "1d 2h", "100000h", "1Y", "٣d"])(
    "%j is rejected: it has no meaning",
    (text) => {
      expect(parseCalendarDuration(text)).toBe(null);
    },
  );
});

describe("every policy", () => {
  const times = fc.array(fc.integer({ min: 0, max: 3 * 365 * 24 * 4 }), { maxLength: 60 });
  const snapshots = times.map((list) =>
    list.map((quarter, i) => ({
      id: String(i).padStart(3, "0"),
      takenAt: new Date(Date.UTC(2024, 0, 1) + quarter * 900_000).toISOString(),
      label: quarter % 5 === 0 ? "five" : null,
    })),
  );
  const counts = fc.record(
    Object.fromEntries(PERIODS.map((period) => [period, fc.integer({ min: 0, max: 8 })])),
  );
  const rules = fc.record(
    {
      within: fc.constantFrom("5h", "3d", "1m", "1y2d"),
      labels: fc.constantFrom(["five"], ["other"]),
    },
    { requiredKeys: [] },
  );
  const policies = fc.tuple(counts, rules).map(([a, b]): Rules => ({ ...a, ...b }));

  function idsKept(list: readonly Dated[], given: Rules): string[] {
    return applyPolicy(list, policy(given), NOW)
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ snapshot }) => snapshot.id);
  }

  test("decides about each snapshot once, newest first, in whatever order they are given", () => {
    fc.assert(
      fc.property(snapshots, policies, (list, given) => {
        const verdicts = applyPolicy(list, policy(given), NOW);
        expect(verdicts.map(({ snapshot }) => snapshot.id).toSorted()).toEqual(
          list.map(({ id }) => id),
        );
        const taken = verdicts.map(({ snapshot }) => snapshot.takenAt);
        expect(taken).toEqual(taken.toSorted().toReversed());
        expect(applyPolicy(list.toReversed(), policy(given), NOW)).toEqual(verdicts);
      }),
    );
  });

  test("keeps exactly the n newest for the rule last n", () => {
    fc.assert(
      fc.property(snapshots, fc.integer({ min: 1, max: 70 }), (list, last) => {
        const newest = list
          .toSorted((a, b) => (`${a.takenAt} ${a.id}` < `${b.takenAt} ${b.id}` ? 1 : -1))
          .slice(0, last);
        expect(idsKept(list, { last })).toEqual(newest.map(({ id }) => id));
      }),
    );
  });

  test("keeps at least as much for a larger number, and all that each of its rules keeps alone", () => {
    fc.assert(
      fc.property(snapshots, policies, fc.constantFrom(...PERIODS), (list, given, period) => {
        const found = new Set(idsKept(list, given));
        // The oldest snapshot is kept only while a rule has some of its number left.
        const more = idsKept(list, { ...given, [period]: (given[period] ?? 0) + 1 });
        expect(more).toEqual(expect.arrayContaining([...found]));
        const alone = idsKept(list, { [period]: given[period] ?? 0 });
        expect([...found]).toEqual(expect.arrayContaining(alone));
      }),
    );
  });

  test("keeps the same again after what it removed is gone", () => {
    fc.assert(
      fc.property(snapshots, policies, (list, given) => {
        const once = idsKept(list, given);
        const rest = list.filter(({ id }) => once.includes(id));
        expect(idsKept(rest, given)).toEqual(once);
      }),
    );
  });
});
