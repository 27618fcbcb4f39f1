/** Longer than the time limit of any test, so the test's limit ends a wait that never succeeds. */
const LONGEST_MS = 600_000;

/** Waits for an effect of another process, however long it takes on this machine. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain for: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
