/**
 * The class of every error, whichever room its code is from. A room's own file of codes types its constructor: `report/error.ts` is the
 * core's.
 * @module
 */

const MARK = Symbol.for("d1ops.error");

/** `message` says what happened and why; `hint` says what to type next. */
export interface ErrorText {
  readonly message: string;
  readonly hint: string;
}

class OpsError<C extends string = string, D extends object = object> extends Error {
  /** The command line and the library each contain a copy of this class. An error of one copy is an instance of the other, too. */
  static override [Symbol.hasInstance](value: unknown): value is OpsError {
    return value instanceof Error && MARK in value;
  }

  override readonly name = "OpsError";
  readonly code: C;
  readonly details: D;
  readonly hint: string;

  constructor(code: C, details: D, text: ErrorText, options?: ErrorOptions) {
    super(text.message, options);
    this.code = code;
    this.details = details;
    this.hint = text.hint;
    Object.defineProperty(this, MARK, { value: true });
  }
}

/** Rooms export their own typed `OpsError`, so this one has another name outside of this file. */
export { OpsError as AnyOpsError };

/** Constructs the errors of the codes `E`, each with its details. The class itself would accept any code. */
export interface ErrorConstructorOf<E extends { [C in keyof E]: object }> {
  new <C extends keyof E & string>(
    code: C,
    details: E[C],
    text: ErrorText,
    options?: ErrorOptions,
  ): OpsError<C, E[C]>;
}

/** The same code and details with another text. The error becomes the cause of the new one. */
export function withText(error: OpsError, text: ErrorText): OpsError {
  return new OpsError(error.code, error.details, text, { cause: error });
}
