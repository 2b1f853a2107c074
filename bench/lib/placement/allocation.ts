import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { POLICIES } from "./policies.ts";
import { milliOfTask, type Workload } from "./workload.ts";

/** Tasks arrive until they have asked for so much of all devices. */
const DEMAND = 1.3;

/**
 * Share of GPU capacity that is allocated, per cent, mean over seeds: tasks are drawn at random with replacement until
 * the arrivals ask for 130 % of it, nothing departs, what does not fit on arrival is turned away.
 */
export function allocatedShare(name: string, workload: Workload, seeds: number): number {
  const capacity = workload.machines.reduce((sum, { gpus }) => sum + gpus, 0) * 1000;
  let sum = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const place = POLICIES[name]?.(workload, seed);
    if (!place) throw new Error(`no policy ${name}`);
    const { pick } = seeded(seed);
    let [asked, allocated] = [0, 0];
    while (asked < DEMAND * capacity) {
      const task = pick(workload.tasks);
      asked += milliOfTask(task);
      if (place(task)) allocated += milliOfTask(task);
    }
    sum += (100 * allocated) / capacity;
  }
  return sum / seeds;
}
