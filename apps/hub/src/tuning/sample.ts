import type { createStudySchema } from "@podium/shared";
import type { z } from "zod";

type Space = z.infer<typeof createStudySchema>["space"];

/** mulberry32: a small seeded generator (public domain, Tommy Ettinger); uniform in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Random search: `count` independent draws of all options, as command-line arguments. Same seed, same draws. */
export function sampleArguments(space: Space, count: number, seed: number): string[][] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Object.entries(space).flatMap(([option, values]) => [option, draw(values, random)]),
  );
}

function draw(values: Space[string], random: () => number): string {
  const u = random();
  if ("choice" in values) return String(values.choice[Math.floor(u * values.choice.length)]);
  if ("uniform" in values) {
    const [low, high] = values.uniform;
    return String(low + u * (high - low));
  }
  const [low, high] = values.log_uniform;
  const drawn = Math.exp(Math.log(low) + u * (Math.log(high) - Math.log(low)));
  // exp(log(x)) may miss x by a last bit.
  return String(Math.min(Math.max(drawn, low), high));
}
