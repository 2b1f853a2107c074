import type { ModelSignature } from "@podium/shared";
import type { Endpoint } from "../../routing/endpoint.ts";
import { describeModel, mainBinding } from "../open-inference/models.ts";
import { codeSamples } from "./code-samples.ts";
import { exampleRequest, exampleRows } from "./example.ts";
import { generation } from "./generation.ts";
import { callHeaders, HEADERS, requestHeaders } from "./headers.ts";
import { accepted, jobEnded, jobPaths, jobSchema } from "./jobs.ts";
import { answers, callAnswers, headersOf, OF_A_LOOK, problem, refusals } from "./responses.ts";
import { callParameters, jsonBody, rowsSchema, type Schema, tensorSchema } from "./schemas.ts";

const VERSION = { name: "version", in: "path", required: true, schema: { type: "string" } };

/**
 * The OpenAPI document of one endpoint, made from what its model says it takes and gives: all that a caller can ask here.
 * @param origin where the gateway is reached, for the examples
 * Throws `unavailable` while no replica has told.
 */
export function describeEndpoint(endpoint: Endpoint, origin: string) {
  const { name, inputs, outputs } = describeModel(endpoint);
  const signature = { inputs, outputs, batch: true };
  const main = mainBinding(endpoint);
  return {
    openapi: "3.1.0",
    info: {
      title: name,
      version: String(main?.version ?? 0),
      description: `Model \`${main?.model}\`, served by Podium.${isDeclared(signature) ? "" : ANY_ROWS}\n\n${limitsOf(endpoint)}`,
    },
    servers: [{ url: origin }],
    security: endpoint.isPublic ? [] : [{ key: [] }, { keyHeader: [] }],
    paths: pathsOf(signature, endpoint, origin),
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key of this endpoint" },
        keyHeader: { type: "apiKey", in: "header", name: "X-Api-Key" },
      },
      headers: HEADERS,
      parameters: requestHeaders(endpoint),
      responses: { Inferred: inferred(endpoint), Accepted: accepted, ...refusals() },
      callbacks: jobEnded,
      schemas: {
        Inputs: { oneOf: inputs.map((spec) => tensorSchema(spec, [])) },
        Outputs: { oneOf: outputs.map((spec) => tensorSchema(spec, [])) },
        Job: jobSchema,
        Problem: problem,
        Error: { type: "object", required: ["error"], properties: { error: { type: "string" } } },
      },
    },
  };
}

const ANY_ROWS = " It has not declared tensors: its rows are whatever JSON its `infer` takes.";

function limitsOf({ maxBodyBytes, timeoutMs, maxQueue }: Endpoint): string {
  return [
    `Limits: bodies of ${maxBodyBytes} bytes, unpacked (413); ${timeoutMs} ms from arrival to answer (504); ${maxQueue} calls`,
    "that wait (429). A 429 says in Retry-After when to try again; keys may have a rate and a quota beside that. A call that",
    "is sent again is computed and charged again. A job is charged once, however often it has to be run.",
  ].join(" ");
}

/** False for a script that bound no signature: then its rows are any JSON. */
function isDeclared({ inputs, outputs }: ModelSignature): boolean {
  const [first] = inputs;
  return !(first?.name === "rows" && first.datatype === "BYTES" && outputs[0]?.name === "predictions");
}

function pathsOf(signature: ModelSignature, endpoint: Endpoint, origin: string): Schema {
  const { name } = endpoint;
  const model = `/v2/models/${name}`;
  const version = `${model}/versions/{version}`;
  const example = exampleRequest(signature);
  return {
    [`/${name}`]: { post: plainForm(signature) },
    [`/v1/models/${name}:predict`]: { post: predict(signature) },
    [`${model}/infer`]: {
      post: {
        ...inference("", inferBody(signature, example)),
        "x-codeSamples": codeSamples(signature, example, endpoint, origin),
      },
    },
    ...(isDeclared(signature) ? {} : generation(model)),
    ...jobPaths(name),
    [model]: { get: metadata("") },
    [`${model}/ready`]: { get: readiness("") },
    [version]: { get: metadata("OfVersion", [VERSION]) },
    [`${version}/ready`]: { get: readiness("OfVersion", [VERSION]) },
    [`${version}/infer`]: { post: inference("OfVersion", inferBody(signature, undefined), [VERSION]) },
    ...(isDeclared(signature) ? {} : generation(version, "OfVersion", [VERSION])),
    [`/${name}/openapi.json`]: {
      get: {
        operationId: "document",
        summary: "This document",
        responses: answers({ 200: good({ type: "object" }, "OpenAPI 3.1") }, OF_A_LOOK, "problem"),
      },
    },
  };
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
    parameters: callHeaders(),
    requestBody: jsonBody(declared ? body : {}, declared ? exampleRows(signature.inputs) : undefined),
    responses: callAnswers(declared ? answer : {}, "problem"),
    callbacks: CALLBACKS,
  };
}

const CALLBACKS = { jobEnded: { $ref: "#/components/callbacks/jobEnded" } };

function predict(signature: ModelSignature) {
  const declared = isDeclared(signature);
  const rows = declared ? exampleRows(signature.inputs) : undefined;
  const list = (name: string, items: Schema, more: Schema = {}): Schema => ({
    type: "object",
    required: [name],
    properties: { [name]: { type: "array", items }, ...more },
  });
  const parameters = { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } };
  return {
    operationId: "predict",
    summary: "KServe V1",
    parameters: callHeaders(),
    requestBody: jsonBody(
      list("instances", rowsSchema(signature.inputs, declared), { parameters }),
      rows && { instances: rows },
    ),
    responses: callAnswers(list("predictions", rowsSchema(signature.outputs, declared)), "error"),
    callbacks: CALLBACKS,
  };
}

const tensors = (of: "Inputs" | "Outputs") => ({
  type: "array",
  items: { $ref: `#/components/schemas/${of}` },
});

const BINARY =
  "Tensors may lie behind the JSON as raw little-endian bytes, in the order of the inputs: " +
  "Inference-Header-Content-Length is then the length of the JSON, and each such tensor has " +
  "parameters.binary_data_size instead of data. With the header 0 the whole body is the one input.";

/** @param suffix of the operation's name */
function inference(suffix: string, requestBody: Schema, parameters: readonly Schema[] = []) {
  const answered = { 200: { $ref: "#/components/responses/Inferred" } };
  return {
    operationId: `infer${suffix}`,
    summary: "Open Inference Protocol v2",
    description: BINARY,
    parameters: [...parameters, ...callHeaders("HeaderLength")],
    requestBody,
    responses: { ...callAnswers({}, "error"), ...answered },
    callbacks: CALLBACKS,
  };
}

function inferBody(signature: ModelSignature, example: object | undefined): Schema {
  const request: Schema = {
    type: "object",
    required: ["inputs"],
    properties: {
      id: { type: "string", description: "Echoed in the answer" },
      parameters: callParameters({ binary_data_output: { type: "boolean" } }),
      inputs: { ...tensors("Inputs"), minItems: signature.inputs.length, maxItems: signature.inputs.length },
      outputs: { type: "array", items: outputChoice(signature) },
    },
  };
  return {
    required: true,
    content: {
      "application/json": { schema: request, ...(example ? { example } : {}) },
      "application/octet-stream": { schema: { type: "string", contentEncoding: "binary" } },
    },
  };
}

function inferred({ name }: Endpoint): unknown {
  const answer: Schema = {
    type: "object",
    required: ["model_name", "outputs"],
    properties: {
      model_name: { const: name },
      model_version: { type: "string" },
      id: { type: "string" },
      outputs: tensors("Outputs"),
    },
  };
  const raw = { "application/octet-stream": { schema: { type: "string", contentEncoding: "binary" } } };
  return (callAnswers(answer, "error", raw) as Record<string, unknown>)["200"];
}

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

function good(schema: Schema, description: string): Schema {
  return { description, headers: headersOf(["X-Request-Id"]), content: { "application/json": { schema } } };
}

function metadata(suffix: string, parameters: readonly Schema[] = []) {
  return {
    operationId: `metadata${suffix}`,
    summary: "Names, datatypes and shapes of the tensors",
    parameters,
    responses: answers(
      { 200: good({ type: "object" }, "What the model takes and gives") },
      OF_A_LOOK,
      "error",
    ),
  };
}

function readiness(suffix: string, parameters: readonly Schema[] = []) {
  const schema = {
    type: "object",
    required: ["name", "ready"],
    properties: { name: { type: "string" }, ready: { type: "boolean" } },
  };
  const answered = {
    200: good(schema, "Ready, or asleep: the next call wakes it"),
    503: good(schema, "Not ready"),
  };
  return {
    operationId: `ready${suffix}`,
    summary: "Whether a replica is up",
    parameters,
    responses: { ...answers({}, OF_A_LOOK, "error"), ...answered },
  };
}
