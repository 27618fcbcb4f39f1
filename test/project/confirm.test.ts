import { describe, expect, test } from "vitest";
import { requireConfirmation, type Intent } from "../../src/project/confirm.ts";
import type { Question, WriteOptions } from "../../src/project/project-options.ts";
import { OpsError } from "../../src/report/error.ts";
import type { Finding } from "../../src/report/report.ts";

const drop: Finding = {
  rule: "destructive",
  level: "warning",
  message: "0002_drop.sql drops the table users with all its data.",
};

const intent: Intent = {
  action: "apply 2 migrations",
  target: { place: "remote", database: "shop-db", id: "1111", env: "staging" },
  account: "acc",
  steps: ["0001_a.sql", "0002_drop.sql"],
  destructive: () => [],
  preview: "To see what would be done:\nnpx d1ops migrate plan --remote",
};
const severe: Intent = { ...intent, destructive: () => [drop] };

type Answer = "yes" | "no" | "not-interactive";

/** The outcome, which is `goes on` or the reason for the stop, and the prompts that were shown. */
async function outcomeOf(
  about: Intent,
  options: WriteOptions,
  answer: Answer | null,
): Promise<{ outcome: string; error: OpsError | null; asked: Question[] }> {
  const asked: Question[] = [];
  const ask = async (question: Question): Promise<Answer> => {
    asked.push(question);
    return answer ?? "no";
  };
  try {
    const typed = { ...options, ...(answer !== null && { ask }) };
    await requireConfirmation({ verb: "migrate apply", options: typed }, about);
    return { outcome: "goes on", error: null, asked };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    expect(error).toMatchObject({ code: "NOT_CONFIRMED", details: { action: "migrate apply" } });
    expect(error.message).toContain("Nothing was changed.");
    return { outcome: "refused", error, asked };
  }
}

const ANSWERS: readonly (Answer | null)[] = [null, "yes", "no", "not-interactive"];

describe.each<[string, Intent]>([
  ["a harmless change", intent],
  ["a destructive change", severe],
])("%s", (_, about) => {
  const harmless = about === intent;
  const combinations = [undefined, false, true].flatMap((yes) =>
    [undefined, "shop-db", "SHOP-DB", "shop", ""].flatMap((confirm) =>
      ANSWERS.map((answer) => [yes, confirm, answer] as const),
    ),
  );

  test.each(combinations)(
    "continues or stops as flags and prompt say: --yes %s, --confirm %s, answer %s",
    async (yes, confirm, answer) => {
      const options: WriteOptions = {
        ...(yes !== undefined && { yes }),
        ...(confirm !== undefined && { confirm }),
      };
      const { outcome, asked } = await outcomeOf(about, options, answer);
      const decided = confirm !== undefined || (yes === true && harmless);
      const goesOn = decided ? confirm === undefined || confirm === "shop-db" : answer === "yes";
      expect(outcome).toBe(goesOn ? "goes on" : "refused");
      // A flag that decides replaces the prompt, and no prompt is shown twice.
      expect(asked).toHaveLength(!decided && answer !== null ? 1 : 0);
    },
  );
});

test("a local database is not searched for destructive statements", async () => {
  const local: Intent = {
    ...severe,
    target: { ...intent.target, place: "local" },
    destructive: () => {
      throw new Error("searched");
    },
  };
  expect((await outcomeOf(local, {}, null)).outcome).toBe("goes on");
});

describe("the prompt", () => {
  const questionOf = async (about: Intent): Promise<Question | undefined> =>
    (await outcomeOf(about, {}, "yes")).asked[0];

  test("shows the action, the database and the steps", async () => {
    expect(await questionOf(intent)).toEqual({
      text: [
        "About to apply 2 migrations on the remote database:",
        "  database     shop-db",
        "  id           1111",
        "  environment  staging",
        "  account      acc",
        "  + 0001_a.sql",
        "  + 0002_drop.sql",
      ].join("\n"),
      type: null,
    });
  });

  test("requires the database's name for a destructive change, and lists what is destroyed", async () => {
    const question = await questionOf(severe);
    expect(question?.type).toBe("shop-db");
    expect(question?.text).toContain(`\n  ! ${drop.message}`);
  });

  test("names the top level, and leaves out a missing account and missing steps", async () => {
    const question = await questionOf({
      ...intent,
      account: null,
      steps: [],
      target: { ...intent.target, env: null },
    });
    expect(question?.text).toMatch(/environment {2}\(top level\)$/);
  });

  test.each([
    [20, 0],
    [21, 1],
    [120, 100],
  ])("shows at most twenty of %i steps and counts the other %i", async (count, more) => {
    const steps = Array.from({ length: count }, (_, i) => `step ${i}`);
    const text = (await questionOf({ ...intent, steps }))?.text ?? "";
    expect(text.match(/^ {2}\+ /gm)).toHaveLength(20);
    expect(text.includes(`… and ${more} more`)).toBe(more > 0);
  });
});

describe("the error without confirmation", () => {
  test.each<[string, Intent, WriteOptions, Answer | null, RegExp, string]>([
    [
      "no prompt",
      intent,
      {},
      null,
      /There is no terminal to confirm on/,
      "without a prompt:\nd1ops migrate apply --yes\n",
    ],
    [
      "no terminal",
      intent,
      {},
      "not-interactive",
      /There is no terminal/,
      "without a prompt:\nd1ops migrate apply --yes\n",
    ],
    [
      "the answer no",
      intent,
      { yes: false },
      "no",
      /The answer was no/,
      "without a prompt:\nd1ops migrate apply --yes\n",
    ],
    [
      "--yes for a destructive change",
      severe,
      { yes: true },
      null,
      /The change destroys data \(1 statement\)/,
      "without a prompt:\nd1ops migrate apply --confirm shop-db\n",
    ],
    [
      "several destructive statements",
      { ...intent, destructive: () => [drop, drop] },
      {},
      null,
      /\(2 statements\)/,
      "without a prompt:\nd1ops migrate apply --confirm shop-db\n",
    ],
    [
      "another name",
      severe,
      { confirm: "shop" },
      null,
      /--confirm names "shop", but the database is shop-db/,
      "without a prompt:\nd1ops migrate apply --confirm shop-db\n",
    ],
  ])(
    "explains why, and the flag that confirms: %s",
    async (_, about, options, answer, message, hint) => {
      const { error } = await outcomeOf(about, options, answer);
      expect(error?.message).toMatch(message);
      expect(error?.hint).toContain(hint);
      expect(error?.hint).toContain(intent.preview);
      expect(error?.message.includes(drop.message)).toBe(about !== intent);
    },
  );
});
