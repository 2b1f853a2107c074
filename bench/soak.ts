// A gateway at 70 % of what it can do, for --minutes: replicas are killed every 10 s, versions exchanged every minute.
import { parseArgs } from "node:util";
import { NAMING_MODEL } from "../tests/lib/serving/distinct-calls.ts";
import { ReplicatedModels } from "../tests/lib/serving/replicated-models.ts";
import { report } from "./lib/report.ts";
import { Callers } from "./lib/soak/callers.ts";
import { RssLog } from "./lib/soak/rss.ts";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    share: { type: "string", default: "0.7" },
    replicas: { type: "string", default: "2" },
  },
});

const MODEL = "soaked";
const KEYS = Array.from({ length: 40 }, (_, n) => `pdk_key-${n}`);
/** Calls that are under way at once while the capacity is measured, and at most afterwards. */
const AT_ONCE = 64;
const MAX_OPEN = 1_000;
const MEASURE_MS = 10_000;
const TICK_MS = 10;
const KILL_EVERY_MS = 10_000;
const REBIND_EVERY_MS = 60_000;
const RSS_EVERY_MS = 2_000;
/** A gateway that grew faster would be noticed within a day. */
const FLAT_MIB_PER_HOUR = 64;

const model = { name: MODEL, script: NAMING_MODEL("row_parameters"), replicas: Number(options.replicas) };
const models = await ReplicatedModels.start([model], KEYS);
try {
  const capacity = await measureCapacity();
  const rate = capacity * Number(options.share);
  console.error(`capacity ${capacity.toFixed(0)} calls/s; soaking at ${rate.toFixed(0)}/s`);
  await soak(rate, Number(options.minutes) * 60_000);
} finally {
  await models[Symbol.asyncDispose]();
}

/** Calls a second with as many under way as there is use in, checked as all others are. */
async function measureCapacity(): Promise<number> {
  const callers = new Callers(models.url, MODEL, KEYS, Math.random);
  const run = async (ms: number) => {
    const until = performance.now() + ms;
    const one = async () => {
      while (performance.now() < until) await callers.call();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  };
  await run(2_000);
  const before = callers.outcomes.answered;
  await run(MEASURE_MS);
  return ((callers.outcomes.answered - before) / MEASURE_MS) * 1000;
}

async function soak(rate: number, ms: number) {
  const callers = new Callers(models.url, MODEL, KEYS, Math.random);
  const rss = new RssLog(models.gatewayPid);
  const startedAt = performance.now();
  const open = new Set<Promise<void>>();
  let begun = 0;
  let skipped = 0;
  let kills = 0;
  let rebinds = 0;
  let exchange: Promise<void> = Promise.resolve();
  let nextKill = KILL_EVERY_MS;
  let nextRebind = REBIND_EVERY_MS;
  let nextRss = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - startedAt) {
    for (; begun < (passed / 1000) * rate; begun += 1) {
      if (open.size >= MAX_OPEN) {
        skipped += 1;
        continue;
      }
      const call: Promise<void> = callers.call().then(() => void open.delete(call));
      open.add(call);
    }
    if (passed >= nextKill) {
      nextKill += KILL_EVERY_MS;
      if (models.kill(MODEL) >= 0) kills += 1;
    }
    if (passed >= nextRebind) {
      nextRebind += REBIND_EVERY_MS;
      exchange = exchange.then(async () => {
        await models.rebind(MODEL);
        rebinds += 1;
      });
      exchange.catch(() => {});
    }
    if (passed >= nextRss) {
      nextRss += RSS_EVERY_MS;
      rss.take(performance.now());
    }
    await Bun.sleep(TICK_MS);
  }
  await Promise.all([...open, exchange]);
  tell(callers, rss, { rate, ms, skipped, kills, rebinds });
}

function tell(
  { outcomes }: Callers,
  rss: RssLog,
  { rate, ms, ...counts }: { rate: number; ms: number; skipped: number; kills: number; rebinds: number },
) {
  for (const example of outcomes.examples) console.error(example);
  const { answered, wrong, hidden, shown, turnedAway } = outcomes;
  const aim = (name: string, unit: string, most: number, measured: number) => ({
    name,
    unit,
    aim: most,
    measured,
    met: measured <= most,
  });
  report({
    bench: "soak",
    figures: {
      minutes: ms / 60_000,
      rate_rps: Math.round(rate),
      answered,
      hidden_by_one_retry: hidden,
      turned_away: turnedAway,
      not_sent: counts.skipped,
      kills: counts.kills,
      rebinds: counts.rebinds,
      gateway_peak_mib: Math.round(rss.peak),
      gateway_slope_mib_per_hour: Math.round(rss.slopePerHour),
    },
    aims: [
      aim("answers that were not their caller's", "answers", 0, wrong),
      aim("5xx that one retry does not hide", "answers", 0, shown),
      aim("growth of the gateway's memory", "MiB/h", FLAT_MIB_PER_HOUR, Math.round(rss.slopePerHour)),
    ],
  });
  if (wrong > 0 || shown > 0) process.exitCode = 1;
}
