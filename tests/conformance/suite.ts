import { describe, expect, test } from "bun:test";
import { deflateSync, gzipSync } from "node:zlib";
import { type InferClient, type Output, type SentTensor, writeRequest } from "./client.ts";
import { rowsOf, SAMPLES } from "./samples.ts";

/** Inputs of shape [-1, 2], as its metadata names them; each output is the input at the same place, unchanged. */
export type Echoing = () => InferClient;

/** Of the requests that go through every datatype. */
const ROWS = [1, 3, 0];

interface Metadata {
  name: string;
  versions: string[];
  inputs: { name: string; datatype: string; shape: number[] }[];
  outputs: { name: string; datatype: string; shape: number[] }[];
}

/** `test`, or what stands for it where a kind of model needs something that a machine may lack. */
type Run = (name: string, body: () => Promise<void>) => void;

/** What the Open Inference Protocol promises of any model, held against one of a kind. */
export function describeConformance(kind: string, model: Echoing, run: Run = test) {
  describe(`Open Inference Protocol: ${kind}`, () => {
    testMetadata(model, run);
    testJson(model, run);
    testBinary(model, run);
    testChoices(model, run);
    testCompression(model, run);
    testCallers(model, run);
    testErrors(model, run);
  });
}

function testMetadata(model: Echoing, run: Run) {
  run("metadata names every tensor with its datatype and shape, with and without a version", async () => {
    const { name, versions, inputs, outputs } = await metadataOf(model());
    expect([name, versions]).toEqual([model().model, [versions[0] ?? ""]]);
    expect(inputs.map(({ datatype }) => SAMPLES[datatype] !== undefined)).toEqual(inputs.map(() => true));
    expect(outputs.map(({ datatype, shape }) => [datatype, shape])).toEqual(
      inputs.map(({ datatype, shape }) => [datatype, shape]),
    );
    for (const path of ["", "/ready"]) {
      for (const version of ["", `/versions/${versions[0]}`]) {
        expect((await model().get(version + path)).status).toBe(200);
      }
    }
    expect((await model().get("/versions/999")).status).toBe(404);
  });
}

function testJson(model: Echoing, run: Run) {
  for (const rows of ROWS)
    run(`every datatype in JSON comes back exactly, ${rows} rows`, async () => {
      const { inputs, outputs } = await metadataOf(model());
      const sent = inputs.map((spec) => tensorOf(spec, rows, rowsOf(spec.datatype, rows).json === null));
      // An output without a JSON form has to be asked for as bytes.
      const wanted = outputs.map(({ name, datatype }) => choice(name, datatype === "BF16"));
      const answer = await model().infer(sent, [`"id":"é-1"`, `"outputs":[${wanted}]`]);
      expect([answer.status, answer.document.error]).toEqual([200, undefined]);
      expect(answer.document.id).toBe("é-1");
      expect(described(answer.document.outputs)).toEqual(
        outputs.map(({ name, datatype }) => ({ name, datatype, shape: [rows, 2] })),
      );
      for (const [index, { name, datatype }] of inputs.entries()) {
        const output = outputs[index]?.name ?? "";
        const { json, raw } = rowsOf(datatype, rows);
        if (json)
          expect(answer.text).toContain(
            `"name":"${output}","datatype":"${datatype}","shape":[${rows},2],"data":${json}`,
          );
        else if (datatype === "BF16") expect([name, hex(answer.raw.get(output))]).toEqual([name, hex(raw)]);
        else expect([name, answer.document.outputs?.[index]?.data]).toEqual([name, asNumbers(raw)]);
      }
    });
}

function testBinary(model: Echoing, run: Run) {
  for (const rows of ROWS)
    run(`every datatype as raw bytes comes back byte by byte, ${rows} rows`, async () => {
      const { inputs, outputs, versions } = await metadataOf(model());
      for (const path of ["", `/versions/${versions[0]}`]) {
        const sent = inputs.map((spec) => tensorOf(spec, rows, true));
        const answer = await model().infer(sent, [`"parameters":{"binary_data_output":true}`], path);
        expect([answer.status, answer.document.error]).toEqual([200, undefined]);
        expect(answer.headers.get("content-type")).toBe("application/octet-stream");
        expect(answer.document.outputs).toEqual(
          inputs.map(({ datatype }, index) => ({
            name: outputs[index]?.name ?? "",
            datatype,
            shape: [rows, 2],
            parameters: { binary_data_size: rowsOf(datatype, rows).raw.byteLength },
          })),
        );
        for (const [index, { datatype }] of inputs.entries()) {
          const back = answer.raw.get(outputs[index]?.name ?? "");
          expect([datatype, hex(back)]).toEqual([datatype, hex(rowsOf(datatype, rows).raw)]);
        }
      }
    });
}

function testChoices(model: Echoing, run: Run) {
  run("outputs come in the order asked, and each says for itself whether it is binary", async () => {
    const { inputs, outputs } = await metadataOf(model());
    const sent = inputs.toReversed().map((spec) => tensorOf(spec, 2, true));
    const json = outputs.filter(({ datatype }) => rowsOf(datatype, 1).json !== null);
    const [first, last] = [json.at(-1), json[0]];
    if (!first || !last) throw new Error("The model has no output with a JSON form.");
    const answer = await model().infer(sent, [
      `"outputs":[${choice(first.name, false)},{"name":"${last.name}"}]`,
      `"parameters":{"binary_data_output":true}`,
    ]);
    expect(answer.document.outputs?.map(({ name, data }) => [name, data === undefined])).toEqual(
      first === last
        ? []
        : [
            [first.name, false],
            [last.name, true],
          ],
    );
    expect(hex(answer.raw.get(last.name))).toBe(hex(rowsOf(last.datatype, 2).raw));
  });
}

function testCompression(model: Echoing, run: Run) {
  run("bodies may be gzip or deflate, and answers are when that is taken", async () => {
    const { inputs, outputs } = await metadataOf(model());
    const rows = 512;
    const sent = inputs.map((spec) => tensorOf(spec, rows, true));
    const { json, body } = writeRequest(sent, [`"parameters":{"binary_data_output":true}`]);
    const length = { "inference-header-content-length": String(json) };
    for (const [coding, packed] of [
      ["gzip", gzipSync(body)],
      ["deflate", deflateSync(body)],
    ] as const) {
      const headers = { ...length, "content-encoding": coding, "accept-encoding": coding };
      const answer = await model().send(packed, headers);
      expect(answer.headers.get("content-encoding")).toBe(coding);
      expect(hex(answer.raw.get(outputs[0]?.name ?? ""))).toBe(
        hex(rowsOf(inputs[0]?.datatype ?? "", rows).raw),
      );
      const broken = await model().send(packed.subarray(0, 20), { ...length, "content-encoding": coding });
      expect([broken.status, broken.document.error]).toEqual([400, expect.stringContaining(coding)]);
    }
  });
}

function testCallers(model: Echoing, run: Run) {
  run("of many callers at once each gets its own rows, in the form that it asked for", async () => {
    const { inputs, outputs } = await metadataOf(model());
    const callers = Array.from({ length: 60 }, (_, index) => ({
      rows: 1 + (index % 4),
      start: index % 6,
      index,
    }));
    await Promise.all(
      callers.map(async ({ rows, start, index }) => {
        const sent = inputs.map((spec) => tensorOf(spec, rows, true, start));
        const answer = await model().infer(sent, [
          `"id":"${index}"`,
          `"parameters":{"binary_data_output":true}`,
        ]);
        expect([answer.status, answer.document.id]).toEqual([200, String(index)]);
        for (const [place, { datatype }] of inputs.entries()) {
          expect(hex(answer.raw.get(outputs[place]?.name ?? ""))).toBe(
            hex(rowsOf(datatype, rows, start).raw),
          );
        }
      }),
    );
  });
}

function testErrors(model: Echoing, run: Run) {
  run("what is wrong is 400 and named, and the next good request is answered", async () => {
    const { inputs } = await metadataOf(model());
    const good = inputs.map((spec) => tensorOf(spec, 1, true));
    const [first] = good;
    if (!first?.raw) throw new Error("The model has no input.");
    const others = good.slice(1);
    const wrong: [SentTensor[], RegExp][] = [
      [
        [{ ...first, datatype: first.datatype === "FP32" ? "FP64" : "FP32" }, ...others],
        new RegExp(first.name),
      ],
      [[{ ...first, shape: [2] }, ...others], new RegExp(`'${first.name}'.*(2|shape)`)],
      [[{ ...first, shape: [1, 3] }, ...others], new RegExp(`'${first.name}'`)],
      [[{ ...first, shape: [-1, 2] }, ...others], new RegExp(`'${first.name}'.*dimension 0.*-1`)],
      [
        [{ ...first, raw: Buffer.concat([first.raw, first.raw]) }, ...others],
        new RegExp(`'${first.name}'.*takes|has .* elements`),
      ],
      [[...good, first], new RegExp(`'${first.name}' is given more than once`)],
      [[...good, { ...first, name: "nobody" }], /'nobody' is unknown/],
      [others.length > 0 ? others : [{ ...first, name: "nobody" }], new RegExp(`'${first.name}' is missing`)],
    ];
    for (const [sent, message] of wrong) {
      const answer = await model().infer(sent);
      expect([answer.status, answer.document.error]).toEqual([400, expect.stringMatching(message)]);
    }
    expect((await model().infer(good, [`"parameters":{"binary_data_output":true}`])).status).toBe(200);
  });
}

async function metadataOf(model: InferClient): Promise<Metadata> {
  return (await (await model.get()).json()) as Metadata;
}

function tensorOf(
  { name, datatype }: { name: string; datatype: string },
  rows: number,
  binary: boolean,
  start = 0,
): SentTensor {
  const { json, raw } = rowsOf(datatype, rows, start);
  return { name, datatype, shape: [rows, 2], ...(binary || json === null ? { raw } : { json }) };
}

const choice = (name: string, binary: boolean) => `{"name":"${name}","parameters":{"binary_data":${binary}}}`;
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
const asNumbers = (raw: Uint8Array) => Array.from(new Float16Array(raw.slice().buffer as ArrayBuffer));

function described(outputs: Output[] | undefined) {
  return outputs?.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
}
