// `npm run verify [-- STEP…]`: the static checks, side by side. Shows only what is wrong, and one closing line.
import { availableParallelism } from "node:os";
import { STEPS, type Step } from "./verify/steps.ts";

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => STEPS.every((step) => step.name !== name));
if (unknown.length > 0) {
  console.error(
    `podium: no check called ${unknown.join(", ")}. Known: ${STEPS.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

const started = performance.now();
const failed: string[] = [];
const timings: string[] = [];
const waiting = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const count = waiting.length;

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));

const seconds = ((performance.now() - started) / 1000).toFixed(1);
const summary = failed.length === 0 ? "all green" : `failed: ${failed.join(", ")}`;
console.log(`verify: ${count} checks in ${seconds} s (${timings.join(", ")}): ${summary}`);
process.exit(failed.length === 0 ? 0 : 1);

async function work(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await run(step);
}

async function run({ name, check }: Step): Promise<void> {
  const from = performance.now();
  const lines = await check().catch((error: Error) => error.message.split("\n"));
  timings.push(`${name} ${((performance.now() - from) / 1000).toFixed(1)}`);
  if (lines.length === 0) return;
  failed.push(name);
  console.log(`\n── ${name}\n${lines.join("\n")}`);
}
