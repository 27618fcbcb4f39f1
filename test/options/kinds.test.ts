import { expect, onTestFinished, test } from "vitest";
import * as kinds from "../../src/options/kinds.ts";
import { optionsOf } from "../../src/options/check-options.ts";
import { backfillRun, migrateApply, onboardRun } from "../../src/index.ts";
import { localShop, someTenants } from "../commands/onboard/shop.ts";

const turn = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/** Calls `body`, and returns the rejections that nothing has handled. */
async function unhandledIn(body: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const hear = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", hear);
  onTestFinished(() => void process.off("unhandledRejection", hear));
  await body();
  await turn();
  return unhandled;
}

test.each(["migrateApply", "backfillRun", "onboardRun"])(
  "%s ends well if the promise of its onProgress rejects",
  async (name) => {
    const { options } = localShop({
      "migrations/0001_b.sql": "CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (1);",
      "migrations/backfills/0001_fill.sql":
        "-- d1ops:source b\n-- d1ops:key id\n-- d1ops:write\nUPDATE b SET id = id WHERE {window};\n",
      "tenants.jsonl": someTenants(1),
    });
    let calls = 0;
    const onProgress = (): unknown => {
      calls += 1;
      return Promise.reject(new Error("the display failed"));
    };
    if (name === "backfillRun") await migrateApply(options);
    const run = {
      migrateApply: () => migrateApply({ ...options, onProgress }),
      backfillRun: () => backfillRun({ ...options, name: "0001_fill", onProgress }),
      onboardRun: () => onboardRun({ ...options, file: "tenants.jsonl", onProgress }),
    }[name];
    const unhandled = await unhandledIn(async () => {
      expect(await run?.()).toMatchObject({ outcome: "changed" });
    });
    expect({ calls, unhandled }).toEqual({ calls: 1, unhandled: [] });
  },
);

test("an error that a listener throws reaches its caller, and its arguments reach the listener", () => {
  interface Options {
    readonly onNews: (news: string, n: number) => void;
  }
  const read = optionsOf<Options>("test", { onNews: kinds.listener<Options["onNews"]>() });
  const heard: unknown[] = [];
  read({ onNews: (...news: unknown[]) => heard.push(...news) }).onNews("a", 1);
  expect(heard).toEqual(["a", 1]);
  const { onNews } = read({
    onNews() {
      throw new Error("no");
    },
  });
  expect(() => onNews("b", 2)).toThrow("no");
});
