/** @module The text of a failure: at the field that it concerns, otherwise above the buttons. */
import type { Failure, FieldProblem } from "./call-failure.ts";
import { textFor, type Words } from "./words/words.ts";

/** Falls back to a general text for an unknown code. */
export function complaintFor({ complaints, failures }: Words, code: string): string {
  return textFor(complaints, code) ?? failures.unclear;
}

/** A conflict about a value is reported at its field. */
export function problemsIn(failure: Failure): readonly FieldProblem[] {
  if (failure.kind === "invalid") return failure.problems;
  if (failure.kind !== "conflict") return [];
  if (failure.reason === "number-taken") return [{ path: "phone", code: "number-taken" }];
  if (failure.reason === "email-taken") return [{ path: "email", code: "email-taken" }];
  return [];
}

export interface Notice {
  readonly text: string;
  /** Shown in small print. */
  readonly more: string | null;
}

export function noticeFor({ failures, signIn }: Words, failure: Failure): Notice {
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
      return plain(failure.why === "claims" ? signIn.claims : signIn.refused);
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

/** Show the failure at the step; ask the user to sign in; or read the session again, because another client changed it. */
export type Reaction = "show" | "sign-in" | "reload";

export function reactionTo(failure: Failure): Reaction {
  switch (failure.kind) {
    case "refused":
      return "sign-in";
    case "gone":
    case "out-of-order":
      return "reload";
    case "conflict":
      return failure.reason.startsWith("session-") ? "reload" : "show";
    case "unreached":
    case "broken":
    case "busy":
    case "invalid":
      return "show";
  }
}
