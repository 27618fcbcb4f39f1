/** @module The results of the remote part: time and requests. */
import type { Remote } from "./remote.ts";
import { median } from "./statistics.ts";
import { compare, LABELS, megabytes, milliseconds, spell, table } from "./table.ts";
import { medianOf } from "./targets.ts";

/** `without round trips` is the median without the time that the requests waited for the network. */
export function remoteTable({ cases, latencyMs }: Remote): string {
  const head = [
    "migrate apply --remote",
    "who",
    "runs",
    "median",
    "min - max",
    "requests",
    "per migration",
    "without round trips",
    "to wrangler",
    "to the floor",
  ];
  const rows = cases.flatMap((one) =>
    one.results.map(({ name, samplesMs, requests }) => {
      const own = medianOf(one, name);
      const most = requests.length === 0 ? null : Math.max(...requests);
      return [
        String(one.migrations),
        LABELS[name],
        String(samplesMs.length),
        spell(own),
        own === null
          ? ""
          : `${milliseconds(Math.min(...samplesMs))} - ${milliseconds(Math.max(...samplesMs))}`,
        most === null ? "" : String(most),
        most === null || one.migrations === null ? "" : (most / one.migrations).toFixed(2),
        own === null || most === null ? "" : milliseconds(own - most * latencyMs),
        compare(own, medianOf(one, "wrangler")),
        compare(own, medianOf(one, "bare")),
      ];
    }),
  );
  return table(head, rows);
}

export function remoteMemoryTable({ memory }: Remote): string {
  const rows = memory.map(({ migrations, heap, samplesBytes }) => [
    migrations === 1 ? "1 migration" : `${migrations} migrations`,
    heap,
    String(samplesBytes.length),
    megabytes(median(samplesBytes) ?? Number.NaN),
    `${megabytes(Math.min(...samplesBytes))} - ${megabytes(Math.max(...samplesBytes))}`,
  ]);
  return table(
    ["peak memory of d1ops migrate apply --remote", "heap", "runs", "median", "min - max"],
    rows,
  );
}
