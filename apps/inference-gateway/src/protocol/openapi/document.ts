import type { ModelSignature } from "@podium/shared";
import type { Endpoint } from "../../routing/endpoint.ts";
import { describeModel, mainBinding } from "../open-inference/models.ts";
import { codeSamples } from "./code-samples.ts";
import { exampleRequest, exampleRows } from "./example.ts";
import { answers, problem } from "./responses.ts";
import { rowsSchema, type Schema, tensorSchema } from "./schemas.ts";

/**
 * The OpenAPI document of one endpoint, made from what its model says it takes and gives.
 * @param origin where the gateway is reached, for the examples
 * Throws `unavailable` while no replica has told.
 */
export function describeEndpoint(endpoint: Endpoint, origin: string) {
  const { name, inputs, outputs } = describeModel(endpoint);
  const signature = { inputs, outputs, batch: true };
  const main = mainBinding(endpoint);
  const v2 = `/v2/models/${name}`;
  return {
    openapi: "3.1.0",
    info: {
      title: name,
      version: String(main?.version ?? 0),
      description: `Model \`${main?.model}\`, served by Podium.${isDeclared(signature) ? "" : ANY_ROWS}`,
    },
    servers: [{ url: origin }],
    security: endpoint.isPublic ? [] : [{ key: [] }],
    paths: {
      [`/${name}`]: { post: plainForm(signature) },
      [v2]: { get: metadata() },
      [`${v2}/ready`]: { get: readiness() },
      [`${v2}/infer`]: { post: openInference(signature, endpoint, origin) },
      [`/v1/models/${name}:predict`]: { post: predict(signature) },
      ...(isDeclared(signature) ? {} : generation(v2)),
    },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key of this endpoint" } },
      schemas: {
        Inputs: { oneOf: inputs.map((spec) => tensorSchema(spec, [])) },
        Outputs: { oneOf: outputs.map((spec) => tensorSchema(spec, [])) },
        Problem: problem,
        Error: { type: "object", required: ["error"], properties: { error: { type: "string" } } },
      },
    },
  };
}

const ANY_ROWS = " It has not declared tensors: its rows are whatever JSON its `infer` takes.";

/** False for a script that bound no signature: then its rows are any JSON. */
function isDeclared({ inputs, outputs }: ModelSignature): boolean {
  const [first] = inputs;
  return !(first?.name === "rows" && first.datatype === "BYTES" && outputs[0]?.name === "predictions");
}

function plainForm(signature: ModelSignature) {
  const declared = isDeclared(signature);
  const row = rowsSchema(signature.inputs, declared);
  const prediction = rowsSchema(signature.outputs, declared);
  const body = { oneOf: [{ type: "array", items: row }, row] };
  const answer = { oneOf: [{ type: "array", items: prediction }, prediction] };
  return {
    operationId: "call",
    summary: "A list of rows, or one row; the answer has the same form",
    requestBody: jsonBody(declared ? body : {}, declared ? exampleRows(signature.inputs) : undefined),
    responses: answers(declared ? answer : {}, "problem"),
  };
}

function predict(signature: ModelSignature) {
  const declared = isDeclared(signature);
  const rows = declared ? exampleRows(signature.inputs) : undefined;
  const list = (name: string, items: Schema): Schema => ({
    type: "object",
    required: [name],
    properties: { [name]: { type: "array", items } },
  });
  return {
    operationId: "predict",
    summary: "KServe V1",
    requestBody: jsonBody(
      list("instances", rowsSchema(signature.inputs, declared)),
      rows && { instances: rows },
    ),
    responses: answers(list("predictions", rowsSchema(signature.outputs, declared)), "error"),
  };
}

function openInference(signature: ModelSignature, endpoint: Endpoint, origin: string) {
  const example = exampleRequest(signature);
  const tensors = (of: "Inputs" | "Outputs") => ({
    type: "array",
    items: { $ref: `#/components/schemas/${of}` },
  });
  const request: Schema = {
    type: "object",
    required: ["inputs"],
    properties: {
      id: { type: "string", description: "Echoed in the answer" },
      parameters: { type: "object", properties: { binary_data_output: { type: "boolean" } } },
      inputs: { ...tensors("Inputs"), minItems: signature.inputs.length, maxItems: signature.inputs.length },
      outputs: { type: "array", items: outputChoice(signature) },
    },
  };
  return {
    operationId: "infer",
    summary: "Open Inference Protocol v2",
    description: BINARY,
    parameters: [HEADER_LENGTH],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: request, ...(example ? { example } : {}) },
        "application/octet-stream": { schema: { type: "string", contentEncoding: "binary" } },
      },
    },
    responses: answers(
      {
        type: "object",
        required: ["model_name", "outputs"],
        properties: {
          model_name: { const: endpoint.name },
          model_version: { type: "string" },
          id: { type: "string" },
          outputs: tensors("Outputs"),
        },
      },
      "error",
    ),
    "x-codeSamples": codeSamples(signature, example, endpoint, origin),
  };
}

const BINARY =
  "Tensors may lie behind the JSON as raw little-endian bytes, in the order of the inputs: " +
  "Inference-Header-Content-Length is then the length of the JSON, and each such tensor has " +
  "parameters.binary_data_size instead of data. With the header 0 the whole body is the one input.";
const HEADER_LENGTH = {
  name: "Inference-Header-Content-Length",
  in: "header",
  required: false,
  schema: { type: "integer", minimum: 0 },
};

function outputChoice({ outputs }: ModelSignature): Schema {
  return {
    type: "object",
    required: ["name"],
    properties: {
      name: { enum: outputs.map(({ name }) => name) },
      parameters: { type: "object", properties: { binary_data: { type: "boolean" } } },
    },
  };
}

function generation(v2: string) {
  const text = { type: "object", required: ["text_output"], properties: { text_output: { type: "string" } } };
  const asked: Schema = {
    type: "object",
    required: ["text_input"],
    properties: {
      id: { type: "string" },
      text_input: { type: "string" },
      parameters: { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } },
    },
  };
  const operation = (operationId: string, summary: string, type?: string) => ({
    operationId,
    summary,
    requestBody: jsonBody(asked, undefined),
    responses: answers(text, "error", type),
  });
  return {
    [`${v2}/generate`]: { post: operation("generate", "A text, where the model gives one") },
    [`${v2}/generate_stream`]: {
      post: operation("generateStream", "The same, piece by piece", "text/event-stream"),
    },
  };
}

function metadata() {
  return {
    operationId: "metadata",
    summary: "Names, datatypes and shapes of the tensors",
    responses: answers({ type: "object" }, "error"),
  };
}

function readiness() {
  return {
    operationId: "ready",
    summary: "Whether a replica is up",
    responses: answers({ type: "object", properties: { ready: { type: "boolean" } } }, "error"),
  };
}

function jsonBody(schema: Schema, example: unknown) {
  const content = { schema, ...(example === undefined ? {} : { example }) };
  return { required: true, content: { "application/json": content } };
}
