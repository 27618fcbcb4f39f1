import { expect, test } from "vitest";
import type { Trouble } from "../../../fixtures/cloudflare/fake.ts";
import { OpsError } from "../../../src/report/error.ts";
import { nameOf } from "../../cloudflare/remote-fixture.ts";
import { dryRunFixture } from "./trial.ts";

/**
 * A remote dry run with every fault at every request: it reports the same as an undisturbed one or fails with the reason, and
 * leaves no file behind.
 */
export function testEveryFault(troubles: readonly Trouble[]): void {
  const fixture = dryRunFixture();

  const undisturbed = async (): Promise<{ note: string | undefined; requests: number }> => {
    fixture.cloudflare.log.length = 0;
    const { steps } = await fixture.go(fixture.projectWith());
    return { note: steps[0]?.note, requests: fixture.cloudflare.log.length };
  };

  test.each(troubles.map((trouble) => [nameOf(trouble), trouble] as const))(
    "a remote dry run succeeds or fails with its reason if any request meets %s",
    async (_, trouble) => {
      const { note, requests } = await undisturbed();
      expect(requests).toBeGreaterThan(10);
      // An explicit rejection counts as a failure.
      const plain = trouble.kind === "refusal" || "body" in trouble;
      for (let at = 1; at <= requests; at += 1) {
        const project = fixture.projectWith();
        const bookmark = project.database.bookmark();
        fixture.cloudflare.log.length = 0;
        fixture.cloudflare.onRequest = (__, n) => (n === at ? trouble : null);
        const outcome = await fixture.go(project).catch((error: unknown) => error);
        fixture.cloudflare.onRequest = null;
        expect(project.database.bookmark(), `request ${at}`).toBe(bookmark);
        expect(fixture.copies(), `request ${at}`).toEqual([]);
        if (outcome instanceof Error) {
          expect(plain, `request ${at}: ${outcome.message}`).toBe(true);
          expect(outcome, `request ${at}: ${outcome.stack}`).toBeInstanceOf(OpsError);
        } else {
          expect(outcome, `request ${at}`).toMatchObject({ exitCode: 0, steps: [{ note }] });
        }
      }
    },
  );
}
