/** Longer than the time limit of any test, which is what ends a wait that is in vain. */
const LONGEST_MS = 600_000;

/** Waits for what another process does: by its progress, never by the time that it takes on this machine. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain for: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
