import { expect, test } from "bun:test";
import type { ModelSignature } from "@podium/shared";
import { startTestBed } from "../../testing/test-gateway.ts";
import { testBinding, testTable } from "../../testing/test-table.ts";

const IMAGES: ModelSignature = {
  inputs: [{ name: "image", datatype: "FP32", shape: [-1, 3, 224, 224] }],
  outputs: [{ name: "label", datatype: "INT64", shape: [-1, 5] }],
  batch: true,
};
const ANY: ModelSignature = {
  inputs: [{ name: "rows", datatype: "BYTES", shape: [-1] }],
  outputs: [{ name: "predictions", datatype: "BYTES", shape: [-1] }],
  batch: true,
};

async function documentOf(signature: ModelSignature, isPublic = false) {
  const bindings = [testBinding(1, { signature })];
  await using bed = await startTestBed(testTable({ bindings, public: isPublic }));
  const answer = await bed.get("/model-1/openapi.json");
  const text = await answer.text();
  return { text, document: JSON.parse(text), url: bed.gateway.url };
}

test("tensors have their real shapes, rows their sizes, and a large example is raw bytes", async () => {
  const { text, document, url } = await documentOf(IMAGES);
  expect(document.info).toMatchObject({ title: "model-1", version: "1" });
  expect(document.servers).toEqual([{ url }]);
  const [image] = document.components.schemas.Inputs.oneOf;
  expect(image.properties.shape.prefixItems).toEqual([
    { type: "integer", minimum: 0 },
    { const: 3 },
    { const: 224 },
    { const: 224 },
  ]);
  const rows =
    document.paths["/v1/models/model-1:predict"].post.requestBody.content["application/json"].schema;
  expect(rows.properties.instances.items).toMatchObject({ minItems: 3, items: { minItems: 224 } });
  const samples: { label: string; source: string }[] =
    document.paths["/v2/models/model-1/infer"].post["x-codeSamples"];
  expect(samples.map(({ label }) => label)).toEqual(["Raw bytes", "tritonclient"]);
  expect(samples[0]?.source).toContain("head -c 602112 /dev/zero");
  expect(samples[0]?.source).toContain("$PODIUM_KEY");
  // An example of 150,528 numbers would drown the rest.
  expect(text.length).toBeLessThan(40_000);
});

test("a model without a signature takes any rows and may generate text; a public one needs no key", async () => {
  const { document } = await documentOf(ANY, true);
  expect(document.security).toEqual([]);
  expect(Object.keys(document.paths)).toContain("/v2/models/model-1/generate_stream");
  expect(document.paths["/model-1"].post.requestBody.content["application/json"]).toEqual({ schema: {} });
  expect(document.info.description).toContain("whatever JSON");
});

test("a model that has not been loaded yet is 503", async () => {
  await using bed = await startTestBed(testTable({ bindings: [testBinding(1, { signature: null })] }));
  expect((await bed.get("/model-1/openapi.json")).status).toBe(503);
});
