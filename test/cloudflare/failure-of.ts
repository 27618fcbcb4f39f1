import { ApiFailure } from "../../src/cloudflare/api-failure.ts";

/** The failure of a call of the API. */
export async function failureOf(work: Promise<unknown>): Promise<ApiFailure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof ApiFailure) return thrown;
  throw new Error("The error is not an ApiFailure.", { cause: thrown });
}
