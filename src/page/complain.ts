/**
 * What a failure says in the words of the page: at its field where it has one, else above the buttons.
 * @module
 */
import type { Failure, FieldProblem } from "./failure.ts";
import { type Complaint, COMPLAINTS, type Words } from "./words/words.ts";

/** A code that nobody has words for is told in general. */
export function complaintOf({ complaints, failures }: Words, code: string): string {
  const known = COMPLAINTS.find((one): one is Complaint => one === code);
  return known === undefined ? failures.unclear : complaints[known];
}

/** A conflict about a value is a problem of its field. */
export function problemsIn(failure: Failure): readonly FieldProblem[] {
  if (failure.kind === "invalid") return failure.problems;
  if (failure.kind !== "conflict") return [];
  if (failure.reason === "number-taken") return [{ path: "phone", code: "number-taken" }];
  if (failure.reason === "email-taken") return [{ path: "email", code: "email-taken" }];
  return [];
}

export interface Notice {
  readonly text: string;
  /** Small print. */
  readonly more: string | null;
}

export function noticeOf({ failures, key }: Words, failure: Failure): Notice {
  const plain = (text: string): Notice => ({ text, more: null });
  switch (failure.kind) {
    case "unreached":
      return plain(failures[failure.why]);
    case "broken": {
      const { reference } = failure;
      return {
        text: failures.broken,
        more: reference === null ? null : failures.reference(reference),
      };
    }
    case "busy":
      return plain(failures.busy(failure.seconds));
    case "refused":
      return plain(failure.why === "claims" ? key.claims : key.refused);
    case "gone":
      return plain(failures.gone);
    case "out-of-order":
      return plain(failures.outOfOrder);
    case "conflict":
      return plain(failures.elsewhere);
    case "invalid":
      return plain(failures.unclear);
  }
}

/** Told at the step; or the key is asked for; or somebody else was at work on the session, and it is looked at again. */
export type Consequence = "tell" | "ask" | "look-again";

export function consequenceOf(failure: Failure): Consequence {
  switch (failure.kind) {
    case "refused":
      return "ask";
    case "gone":
    case "out-of-order":
      return "look-again";
    case "conflict":
      return failure.reason.startsWith("session-") ? "look-again" : "tell";
    case "unreached":
    case "broken":
    case "busy":
    case "invalid":
      return "tell";
  }
}
