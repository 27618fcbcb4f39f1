import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { openApiDocument } from "../../src/worker/openapi.ts";
import { BASE, routesOf } from "../../src/worker/routes.ts";

interface Operation {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        {
          readonly schema: {
            readonly properties: Readonly<Record<string, { description?: string }>>;
          };
        }
      >
    >;
  };
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, unknown>> }>>;
}

export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export const document = openApiDocument(routesOf({})) as Document;

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, "document");

/** Throws unless the response matches the document. Ignores paths that are not in the document. */
export async function expectDocumented(
  method: string,
  path: string,
  answer: Response,
): Promise<void> {
  const template = path
    .replace(new RegExp(`^${BASE}/session/[^/]+/`), `${BASE}/session/{id}/`)
    .replace(/\?.*/, "");
  const operation = document.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) return;
  const told = `${method} ${template} ${answer.status}`;
  const response = operation.responses[String(answer.status)];
  if (response === undefined) throw new Error(`${told} is not in the document`);
  const type = answer.headers.get("content-type") ?? "none";
  if (!Object.hasOwn(response.content, type)) throw new Error(`${told} is no ${type}`);
  const escaped = (part: string): string =>
    encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
  const pointer = ["paths", template, method.toLowerCase(), "responses", String(answer.status)]
    .concat("content", type, "schema")
    .map(escaped)
    .join("/");
  const validate = ajv.getSchema(`document#/${pointer}`);
  if (validate === undefined) throw new Error(`${told} has no schema`);
  const body: unknown = await answer.clone().json();
  if (validate(body) !== true) {
    throw new Error(`${told}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body)}`);
  }
}
