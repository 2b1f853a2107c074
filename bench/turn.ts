// The hub's own scheduling loop on a real Postgres: a turn that places 200 of 10,000 queued sessions, and one in which nothing fits.
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
const { placingMs, placed, aloneMs, fullMs, readMs, decideMs } = await measureTurns(nodes, queued);
report({
  bench: "turn",
  figures: {
    nodes,
    queued,
    placed,
    placing_ms: placingMs,
    placing_each_alone_ms: aloneMs,
    full_ms: fullMs,
    full_read_ms: readMs,
    full_decide_ms: decideMs,
  },
  aims: [
    {
      name: "a turn that places as many as a turn may",
      unit: "ms",
      aim: 2_000,
      measured: placingMs,
      met: placingMs <= 2_000,
    },
  ],
});
