// k6 run -e URL=http://127.0.0.1:7400 -e TOKEN=pdm_… -e COMPETITION=movie-score -e ROUND=round-1 bench/k6/hub.js
// Browses, reads boards and submits prediction files as contestants do. With SUBMIT=0 it only reads.
import { check, group, sleep } from "k6";
import crypto from "k6/crypto";
import http from "k6/http";
import { Trend } from "k6/metrics";

const base = `${__ENV.URL || "http://127.0.0.1:7400"}/api/v1`;
const competition = __ENV.COMPETITION || "movie-score";
const round = __ENV.ROUND || "round-1";
const submits = __ENV.SUBMIT !== "0";
const headers = { authorization: `Bearer ${__ENV.TOKEN}`, "content-type": "application/json" };

const board = new Trend("board_duration", true);
const accepted = new Trend("submit_duration", true);

export const options = {
  scenarios: {
    browse: { executor: "constant-vus", vus: 10, duration: __ENV.DURATION || "30s", exec: "browse" },
    boards: {
      executor: "constant-arrival-rate",
      rate: 50,
      timeUnit: "1s",
      preAllocatedVUs: 20,
      duration: __ENV.DURATION || "30s",
      exec: "readBoard",
    },
    ...(submits
      ? {
          submit: {
            executor: "constant-arrival-rate",
            rate: 2,
            timeUnit: "1s",
            preAllocatedVUs: 10,
            duration: __ENV.DURATION || "30s",
            exec: "submit",
          },
        }
      : {}),
  },
  thresholds: {
    checks: ["rate>0.99"],
    "http_req_failed{expected:success}": ["rate<0.01"],
    board_duration: ["p(95)<100", "p(99)<250"],
    ...(submits ? { submit_duration: ["p(95)<500"] } : {}),
  },
};

function get(path) {
  return http.get(`${base}${path}`, { headers, tags: { expected: "success" } });
}

export function browse() {
  group("browse", () => {
    check(get("/competitions"), { "competitions are listed": (answer) => answer.status === 200 });
    check(get(`/competitions/${competition}`), {
      "the competition is shown": (answer) => answer.status === 200,
    });
    check(get("/sessions?limit=20"), { "sessions are listed": (answer) => answer.status === 200 });
  });
  sleep(1);
}

export function readBoard() {
  const answer = get(`/competitions/${competition}/rounds/${round}/leaderboard?limit=50`);
  board.add(answer.timings.duration);
  check(answer, { "the board is ranked": (it) => it.status === 200 && Array.isArray(it.json("rows")) });
}

/** A prediction file of its own each time; a limit that is reached (429) is a right answer too. */
export function submit() {
  const text = `id,prediction\nk6-${__VU}-${__ITER},1\n`;
  const sha256 = crypto.sha256(text, "hex");
  const sent = http.put(`${base}/blobs/${sha256}`, text, {
    headers: { authorization: headers.authorization, "content-type": "application/octet-stream" },
    tags: { expected: "success" },
  });
  check(sent, { "the file is stored": (answer) => answer.status === 204 });
  const entries = [{ path: "predictions.csv", sha256, size: text.length, mode: 420 }];
  const tree = http.post(`${base}/trees`, JSON.stringify({ entries }), {
    headers,
    tags: { expected: "success" },
  });
  const body = JSON.stringify({ kind: "predictions", tree_id: tree.json("id") });
  const answer = http.post(`${base}/competitions/${competition}/submissions`, body, {
    headers,
    tags: { expected: "any" },
  });
  accepted.add(answer.timings.duration);
  check(answer, {
    "accepted, or told which limit is reached": (it) =>
      it.status === 201 || it.status === 429 || it.status === 409,
  });
}
