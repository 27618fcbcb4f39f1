/**
 * Reads a JSON body up to a limit of bytes.
 * @module
 */
import { ProblemError } from "./problem-details.ts";

/** An empty body is `undefined`. @throws ProblemError BODY_TOO_LARGE, BODY_NOT_JSON, BODY_UNREADABLE */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new ProblemError("BODY_NOT_JSON", "Send the body with Content-Type: application/json.");
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw new ProblemError("BODY_UNREADABLE", "The body is not JSON in UTF-8.", {}, { cause });
  }
}

/** Rejects a `Content-Length` above the limit at once, and counts the bytes that arrive, because the header may be missing or wrong. */
async function readBytes({ headers, body }: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body ?? []) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError("BODY_UNREADABLE", "The body is incomplete.", {}, { cause });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError("BODY_TOO_LARGE", `${maxBytes.toLocaleString("en")} bytes at most.`);
}
