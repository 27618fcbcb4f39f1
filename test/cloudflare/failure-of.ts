import { ApiFailure } from "../../src/cloudflare/api-failure.ts";

/** What a call of the API fails with. */
export async function failureOf(work: Promise<unknown>): Promise<ApiFailure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof ApiFailure) return thrown;
  throw new Error("It is no ApiFailure.", { cause: thrown });
}
