import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { openWorkerFixture } from "./worker-fixture.ts";
import { document } from "./document.ts";
import { as } from "./client.ts";
import { BASE, routesOf } from "../../src/worker/routes.ts";

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(document.openapi).toBe("3.1.0");
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toEqual({
      valid: true,
    });
  });

  test("is served unchanged", async () => {
    const { ask } = await openWorkerFixture();
    const answer = await ask("GET", "/api/v1/openapi.json");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test("lists the nine routes of onboarding and /health", () => {
    expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual([
      `GET ${BASE}/agent-types`,
      `GET ${BASE}/session/{id}/status`,
      "GET /health",
      `POST ${BASE}/session/{id}/agents/auto-generate`,
      `POST ${BASE}/session/{id}/assistant`,
      `POST ${BASE}/session/{id}/business`,
      `POST ${BASE}/session/{id}/complete`,
      `POST ${BASE}/session/{id}/knowledge`,
      `POST ${BASE}/start`,
      `POST ${BASE}/tenant`,
    ]);
    expect(routesOf({})).toHaveLength(9);
  });

  test.each(operations)(
    "$method $path is served, and other methods return 405",
    async ({ method, path }) => {
      const { ask } = await openWorkerFixture();
      const to = path.replace("{id}", "onb_0");
      for (const other of ["get", "post", "put", "delete", "patch"]) {
        const answer = await ask(other.toUpperCase(), to, { headers: as("acme") });
        expect(answer.headers.get("allow") === null, other).toBe(other === method);
      }
    },
  );

  test.each(operations)(
    "$method $path requires credentials if the document says so",
    async ({ method, path, operation }) => {
      const { ask } = await openWorkerFixture();
      const answer = await ask(method.toUpperCase(), path.replace("{id}", "onb_0"));
      expect(answer.status === 401).toBe("security" in operation);
    },
  );

  test("describes the formats of industry and phone in words", () => {
    const { requestBody } = document.paths[`${BASE}/session/{id}/business`]?.["post"] ?? {};
    const { properties } = requestBody?.content["application/json"]?.schema ?? { properties: {} };
    expect(properties["industry"]?.description).toContain("lowercase letters");
    expect(properties["phone"]?.description).toContain("E.164");
  });

  test("has a different operationId for each operation", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });
});
