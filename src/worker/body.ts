/**
 * A body as JSON, and not more of it than is wanted.
 * @module
 */
import { Refusal } from "./problem.ts";

/** Nothing at all is `undefined`. `most`: bytes. @throws Refusal BODY_TOO_LARGE, BODY_NOT_JSON, BODY_UNREADABLE */
export async function readJson(request: Request, most: number): Promise<unknown> {
  const bytes = await readBytes(request, most);
  if (bytes.length === 0) return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new Refusal("BODY_NOT_JSON", "Send it with Content-Type: application/json.");
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw new Refusal("BODY_UNREADABLE", "It is no JSON in UTF-8.", {}, { cause });
  }
}

/** A length that is announced is believed only where it is too much; what arrives is counted. */
async function readBytes({ headers, body }: Request, most: number): Promise<Uint8Array> {
  if (Number(headers.get("content-length")) > most) throw tooLarge(most);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body ?? []) {
      size += piece.length;
      if (size > most) throw tooLarge(most);
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("BODY_UNREADABLE", "It was not sent to its end.", {}, { cause });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge(most: number): Refusal {
  return new Refusal("BODY_TOO_LARGE", `${most.toLocaleString("en")} bytes at most.`);
}
