// The hub's own scheduling loop on a real Postgres: a turn that places 200 of 10,000 queued sessions, one in which nothing fits, and one in which all that run pay their next minute.
import { parseArgs } from "node:util";
import { report } from "./lib/report.ts";
import { measureTurns } from "./lib/turn.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "100" },
    queued: { type: "string", default: "10000" },
  },
});
const [nodes, queued] = [Number(values.nodes), Number(values.queued)];
const turns = await measureTurns(nodes, queued);
report({
  bench: "turn",
  figures: {
    nodes,
    queued,
    placed: turns.placed,
    placing_ms: turns.placingMs,
    placing_each_alone_ms: turns.aloneMs,
    full_ms: turns.fullMs,
    full_read_ms: turns.readMs,
    full_decide_ms: turns.decideMs,
    running: turns.running,
    metering_ms: turns.meteringMs,
    metering_each_alone_ms: turns.meteringAloneMs,
  },
  aims: [
    {
      name: "a turn that places as many as a turn may",
      unit: "ms",
      aim: 2_000,
      measured: turns.placingMs,
      met: turns.placingMs <= 2_000,
    },
  ],
});
