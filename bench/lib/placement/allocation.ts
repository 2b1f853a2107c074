import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { POLICIES } from "./policies.ts";
import { milliOfTask, type Workload } from "./workload.ts";

/** Tasks arrive until they have asked for so much of all devices. */
const DEMAND = 1.3;

export interface Allocated {
  mean: number;
  /** standard deviation of the seeds' shares, as of a sample; 0 for one seed */
  deviation: number;
}

/**
 * Share of GPU capacity that is allocated, per cent, over so many seeds from `from` on: tasks are drawn at random with replacement until
 * the arrivals ask for 130 % of it, nothing departs, what does not fit on arrival is turned away.
 */
export function allocatedShare(name: string, workload: Workload, seeds: number, from: number): Allocated {
  const capacity = workload.machines.reduce((sum, { gpus }) => sum + gpus, 0) * 1000;
  const shares: number[] = [];
  for (let seed = from; seed < from + seeds; seed++) {
    const place = POLICIES[name]?.(workload, seed);
    if (!place) throw new Error(`no policy ${name}`);
    const { pick } = seeded(seed);
    let [asked, allocated] = [0, 0];
    while (asked < DEMAND * capacity) {
      const task = pick(workload.tasks);
      asked += milliOfTask(task);
      if (place(task)) allocated += milliOfTask(task);
    }
    shares.push((100 * allocated) / capacity);
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / seeds;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  return { mean, deviation: seeds > 1 ? Math.sqrt(squares / (seeds - 1)) : 0 };
}
