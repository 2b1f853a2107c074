import type { RawAnswer } from "./raw-caller.ts";

/**
 * A model whose every answer names the row that it is for, and the parameters that it was given.
 * Takes tensors `[id, x]`, rows `{id, x}` and texts; an `x` below zero makes the whole call fail.
 * @param own each row's own parameters, or one set for all rows of a call
 */
export const NAMING_MODEL = (own: "parameters" | "row_parameters") => `
import podium

def one(row, scale):
    if isinstance(row, dict) and "text_input" in row:
        return f"{row['text_input']}|{scale}"
    number, x = (row["id"], row["x"]) if isinstance(row, dict) else row
    if x < 0:
        raise ValueError(f"row {number} is bad")
    return {"id": number, "value": x * scale} if isinstance(row, dict) else [number, x * scale]

def infer(rows, ${own}):
    scales = [${own === "parameters" ? "parameters" : "own"}.get("scale", 1) for own in ${own === "parameters" ? "rows" : own}]
    return [one(row, scale) for row, scale in zip(rows, scales)]

podium.bind(infer=infer, signature={
    "inputs": [{"name": "x", "datatype": "INT64", "shape": [-1, 2]}],
    "outputs": [{"name": "y", "datatype": "INT64", "shape": [-1, 2]}],
})
podium.paused()
`;

/** A request of one caller, and what is wrong with an answer to it: null when nothing is. */
export interface DistinctCall {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | string;
  complain(answer: RawAnswer): string | null;
}

/** @param n distinct for each caller, below 2^31 @param key good for the endpoint */
export type MakeCall = (model: string, n: number, key: string) => DistinctCall;

const scaleOf = (n: number) => 1 + (n % 7);
/** Beyond 2^53: what rounds it gives another caller's. */
const xOf = (n: number) => 2n ** 55n + BigInt(n);

function authorized(n: number, key: string): Record<string, string> {
  const own = n % 2 === 0 ? { authorization: `Bearer ${key}` } : { "X-Api-Key": key };
  return { ...own, "x-caller": `caller-${n}`, ...(n % 3 === 0 ? { "accept-encoding": "gzip" } : {}) };
}

/** Compares the answer's status and parsed body with what belongs to this caller. */
function expects(status: number, body: (parsed: unknown) => boolean) {
  return (answer: RawAnswer): string | null => {
    const text = answer.body.toString();
    let isOwn = false;
    try {
      isOwn = answer.status === status && body(JSON.parse(text));
    } catch {
      // told below
    }
    return isOwn ? null : `${answer.status} ${text.slice(0, 300)}`;
  };
}

const same = (expected: unknown) => (parsed: unknown) => Bun.deepEquals(parsed, expected);
const says = (text: string) => (parsed: unknown) => JSON.stringify(parsed).includes(text);

const row: MakeCall = (model, n, key) => ({
  path: `/${model}`,
  headers: authorized(n, key),
  body: JSON.stringify({ id: n, x: n * 3 }),
  complain: expects(200, same({ id: n, value: n * 3 })),
});

const rows: MakeCall = (model, n, key) => ({
  path: `/${model}`,
  headers: authorized(n, key),
  body: JSON.stringify(Array.from({ length: n % 5 }, (_, index) => ({ id: n, x: index }))),
  complain: expects(200, same(Array.from({ length: n % 5 }, (_, index) => ({ id: n, value: index })))),
});

const predict: MakeCall = (model, n, key) => ({
  path: `/v1/models/${model}:predict`,
  headers: authorized(n, key),
  body: JSON.stringify({
    instances: [
      { id: n, x: n },
      { id: -n, x: n },
    ],
    parameters: { scale: scaleOf(n) },
  }),
  complain: expects(
    200,
    same({
      predictions: [
        { id: n, value: n * scaleOf(n) },
        { id: -n, value: n * scaleOf(n) },
      ],
    }),
  ),
});

const generate: MakeCall = (model, n, key) => ({
  path: `/v2/models/${model}/generate`,
  headers: authorized(n, key),
  body: JSON.stringify({ id: `g${n}`, text_input: `text ${n} é`, parameters: { scale: scaleOf(n) } }),
  complain: expects(200, (parsed) => {
    const { id, text_output } = parsed as Record<string, unknown>;
    return id === `g${n}` && text_output === `text ${n} é|${scaleOf(n)}`;
  }),
});

const tensorsInJson: MakeCall = (model, n, key) => ({
  path: `/v2/models/${model}/infer`,
  headers: authorized(n, key),
  body: `{"id":"c${n}","parameters":{"scale":${scaleOf(n)}},"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":[${n},${xOf(n)}]}]}`,
  complain: ({ status, body }) => {
    const text = body.toString();
    const own = `"data":[${n},${xOf(n) * BigInt(scaleOf(n))}]`;
    return status === 200 && text.includes(`"id":"c${n}"`) && text.includes(own) ? null : `${status} ${text}`;
  },
});

const tensorsInBytes: MakeCall = (model, n, key) => {
  const count = 1 + (n % 4);
  const size = count * 16;
  const json = Buffer.from(
    `{"id":"b${n}","parameters":{"scale":${scaleOf(n)},"binary_data_output":true},"inputs":[{"name":"x","datatype":"INT64","shape":[${count},2],"parameters":{"binary_data_size":${size}}}]}`,
  );
  const given = BigInt64Array.from({ length: 2 * count }, (_, index) =>
    index % 2 === 0 ? BigInt(n) : xOf(n),
  );
  const wanted = given.map((value, index) => (index % 2 === 0 ? value : value * BigInt(scaleOf(n))));
  return {
    path: `/v2/models/${model}/infer`,
    headers: { ...authorized(n, key), "inference-header-content-length": String(json.length) },
    body: Buffer.concat([json, Buffer.from(given.buffer)]),
    complain: ({ status, headers, body }) => {
      const length = Number(headers.get("inference-header-content-length"));
      const isOwn = status === 200 && body.subarray(0, length).includes(`"id":"b${n}"`);
      const isEqual = Buffer.from(wanted.buffer).equals(body.subarray(length));
      return isOwn && isEqual ? null : `${status} ${body.subarray(0, 300)}`;
    },
  };
};

const badRow: MakeCall = (model, n, key) => ({
  path: `/${model}`,
  headers: authorized(n, key),
  body: JSON.stringify([
    { id: n, x: 1 },
    { id: n, x: -1 },
  ]),
  complain: expects(422, says(`row ${n} is bad`)),
});

const badTensor: MakeCall = (model, n, key) => ({
  path: `/v2/models/${model}/infer`,
  headers: authorized(n, key),
  body: `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":[${n},-1]}]}`,
  complain: expects(422, says(`row ${n} is bad`)),
});

const wrongShape: MakeCall = (model, n, key) => ({
  path: `/v2/models/${model}/infer`,
  headers: authorized(n, key),
  body: `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,${3 + n}],"data":[1]}]}`,
  complain: expects(400, says(`${3 + n}`)),
});

const notJson: MakeCall = (model, n, key) => ({
  path: `/${model}`,
  headers: authorized(n, key),
  body: `{"id": ${n}, "x": `,
  complain: expects(400, says("not JSON")),
});

const wrongKey: MakeCall = (model, n, key) => ({
  ...row(model, n, `${key}-${n}`),
  complain: expects(401, says("not valid")),
});

/** Calls that a model answers, each in another form. */
export const GOOD_CALLS = [row, rows, predict, generate, tensorsInJson, tensorsInBytes];
/** Calls that are wrong, each for its caller alone. */
export const WRONG_CALLS = [badRow, badTensor, wrongShape, notJson, wrongKey];
