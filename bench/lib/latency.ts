import { load, loadTool, type Target } from "./load.ts";
import { median } from "./median.ts";
import { type Paced, paced } from "./paced.ts";
import type { Aim } from "./report.ts";

const CONNECTIONS = 64;
const AIM = 2;

interface Pair<T> {
  echo: T;
  model: T;
}

/**
 * How long answers take when a model and the echo each get half of the requests that they manage at most. A round measures
 * both rates and then both latencies, so that a machine that others use, too, favours neither.
 */
export async function compareLatency(
  targets: Pair<Target>,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<{ figures: Record<string, number>; aims: Aim[] }> {
  const measured: Pair<Paced>[] = [];
  for (let round = 0; round < rounds; round++) {
    const rates = await both(targets, round, async (target) => {
      return (await load(loadTool(), target, CONNECTIONS, seconds)).requestsPerSecond;
    });
    const half = await both(targets, round, (target, side) => paced(target, rates[side] / 2, seconds));
    console.error(`echo ${shown(half.echo)}, model ${shown(half.model)}`);
    measured.push(half);
  }
  const middle = (read: (pair: Pair<Paced>) => number) => median(measured.map(read));
  const ratio = middle(({ echo, model }) => model.p99Ms / echo.p99Ms);
  const figures = {
    echo_half_rps: Math.round(middle(({ echo }) => echo.requestsPerSecond)),
    echo_half_p50_ms: middle(({ echo }) => echo.p50Ms),
    echo_half_p99_ms: middle(({ echo }) => echo.p99Ms),
    model_half_rps: Math.round(middle(({ model }) => model.requestsPerSecond)),
    model_half_p50_ms: middle(({ model }) => model.p50Ms),
    model_half_p99_ms: middle(({ model }) => model.p99Ms),
    p99_of_echo: ratio,
  };
  const name = "99 of 100 answers at half load take at most";
  return {
    figures,
    aims: [{ name, unit: "of a bare Hono echo's", aim: AIM, measured: ratio, met: ratio <= AIM }],
  };
}

/** One after the other, in turns first. */
async function both<T>(
  targets: Pair<Target>,
  round: number,
  measure: (target: Target, side: keyof Pair<T>) => Promise<T>,
): Promise<Pair<T>> {
  if (round % 2 === 0) {
    const echo = await measure(targets.echo, "echo");
    return { echo, model: await measure(targets.model, "model") };
  }
  const model = await measure(targets.model, "model");
  return { echo: await measure(targets.echo, "echo"), model };
}

function shown({ requestsPerSecond, p50Ms, p99Ms }: Paced): string {
  return `${requestsPerSecond.toFixed(0)}/s (p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms)`;
}
