// k6 run -e URL=http://127.0.0.1:7401/model-1 -e KEY=pdk_… bench/k6/gateway.js
// Calls one model in every form at once, as many kinds of callers do, and asks wrongly now and then.
import { check } from "k6";
import http from "k6/http";
import { Counter, Rate, Trend } from "k6/metrics";

const url = __ENV.URL || "http://127.0.0.1:7401/model-1";
const [, base, model] = /^(https?:\/\/[^/]+)\/([^/]+)$/.exec(url);
const duration = __ENV.DURATION || "30s";
const scale = Number(__ENV.SCALE || 1);
const key = { authorization: `Bearer ${__ENV.KEY}` };
const json = { ...key, "content-type": "application/json" };
const v2 = `${base}/v2/models/${model}`;

/** Answers that were another caller's, or none of the agreed ones. Not one may be. */
const wrong = new Counter("wrong_answers");
/** 429 and 503, which say when to come again: right, but not what a caller hopes for. */
const turnedAway = new Rate("turned_away");
const plainMs = new Trend("plain_duration", true);
const streamMs = new Trend("stream_duration", true);

/** So many calls a second of a kind, whatever the answers take: a slow server does not slow its callers down. */
function at(rate, exec) {
  return {
    executor: "constant-arrival-rate",
    rate: Math.max(1, Math.round(rate * scale)),
    timeUnit: "1s",
    preAllocatedVUs: 20,
    maxVUs: 400,
    duration,
    exec,
  };
}

export const options = {
  scenarios: {
    plain: at(200, "plain"),
    tensors: at(50, "tensors"),
    binary: at(50, "binary"),
    stream: at(5, "stream"),
    metadata: at(5, "metadata"),
    wrong: at(20, "wrongly"),
  },
  thresholds: {
    checks: ["rate>0.999"],
    wrong_answers: ["count==0"],
    turned_away: ["rate<0.01"],
    plain_duration: ["p(95)<100", "p(99)<250"],
    stream_duration: ["p(95)<1000"],
    "http_req_duration{kind:binary}": ["p(95)<150"],
  },
};

/** Whether an answer is this caller's; one that was turned away is counted as such. */
function judge(answer, what, isOwn) {
  const away = answer.status === 429 || answer.status === 503;
  turnedAway.add(away);
  const own = away || (answer.status === 200 && isOwn(answer));
  if (!own) wrong.add(1);
  check(own, { [what]: (it) => it });
}

/** A number of this call alone, exact as FP32. */
function number() {
  return (__VU * 4096 + __ITER) % 16777216;
}

export function plain() {
  const n = number();
  const answer = http.post(url, JSON.stringify({ x: n }), { headers: json, tags: { kind: "plain" } });
  plainMs.add(answer.timings.duration);
  judge(answer, "plain: its own answer", (it) => it.json() === n);
}

export function tensors() {
  const n = number();
  const body = { id: `k6-${n}`, inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [n, 0] }] };
  const answer = http.post(`${v2}/infer`, JSON.stringify(body), { headers: json, tags: { kind: "tensors" } });
  judge(
    answer,
    "tensors: its own answer",
    (it) => it.json("id") === `k6-${n}` && it.json("outputs.0.data.0") === n,
  );
}

export function binary() {
  const n = number();
  const rows = 1 + (n % 64);
  const head = JSON.stringify({
    parameters: { binary_data_output: true },
    inputs: [{ name: "x", datatype: "FP32", shape: [rows, 2], parameters: { binary_data_size: rows * 8 } }],
  });
  const body = new Uint8Array(head.length + rows * 8);
  for (let at = 0; at < head.length; at += 1) body[at] = head.charCodeAt(at);
  const view = new DataView(body.buffer);
  for (let row = 0; row < rows; row += 1) view.setFloat32(head.length + row * 8, n, true);
  const answer = http.post(`${v2}/infer`, body.buffer, {
    headers: { ...key, "inference-header-content-length": String(head.length) },
    responseType: "binary",
    tags: { kind: "binary" },
  });
  judge(answer, "binary: its own answer", (it) => {
    const length = Number(it.headers["Inference-Header-Content-Length"]);
    const values = new DataView(it.body, length);
    return values.byteLength === rows * 4 && values.getFloat32((rows - 1) * 4, true) === n;
  });
}

export function stream() {
  const n = number();
  const body = JSON.stringify({ text_input: `text ${n}` });
  const answer = http.post(`${v2}/generate_stream`, body, { headers: json, tags: { kind: "stream" } });
  streamMs.add(answer.timings.duration);
  judge(answer, "stream: its own text", (it) => {
    const events = it.body.split("\n\n").filter((event) => event !== "");
    return events.map((event) => JSON.parse(event.slice(6)).text_output).join("") === `text ${n}`;
  });
}

export function metadata() {
  const answers = http.batch([
    ["GET", v2, null, { headers: key }],
    ["GET", `${v2}/ready`, null, { headers: key }],
    ["GET", `${base}/${model}/openapi.json`, null, { headers: key }],
  ]);
  check(answers, { "metadata: all there": (all) => all.every(({ status }) => status === 200) });
}

/** Each is refused with the status that says why, and disturbs nobody. */
export function wrongly() {
  const expected = [
    [401, url, JSON.stringify({ x: 1 }), { headers: { authorization: "Bearer pdk_no-such-key" } }],
    [404, `${base}/no-such-model`, "{}", { headers: json }],
    [400, url, '{"x": ', { headers: json }],
    [422, url, JSON.stringify({ x: "bad" }), { headers: json }],
    [
      400,
      `${v2}/infer`,
      JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1, 3], data: [1, 2] }] }),
      { headers: json },
    ],
    [400, url, JSON.stringify({ x: 1 }), { headers: { ...json, "x-request-timeout-ms": "soon" } }],
  ];
  const [status, where, body, params] = expected[__ITER % expected.length];
  const answer = http.post(where, body, { ...params, responseCallback: http.expectedStatuses(status) });
  check(answer, { "wrong requests: the right status": (it) => it.status === status });
}
