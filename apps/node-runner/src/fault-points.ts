import type { Log } from "./log.ts";

/**
 * Named places at which a test may stop a runner, to kill it or what it depends on exactly there
 * (`PODIUM_FAULT_POINT`). Everywhere else they are nothing.
 */
export interface FaultPoints {
  reach(name: string): Promise<void>;
}

export const noFaultPoints: FaultPoints = { reach: async () => {} };

/** Says so when the named place is reached for the first time, and waits there for SIGUSR2. */
export function faultPointNamed(wanted: string, log: Log): FaultPoints {
  let isReached = false;
  return {
    reach(name) {
      if (name !== wanted || isReached) return Promise.resolve();
      isReached = true;
      return new Promise((resolve) => {
        process.once("SIGUSR2", () => resolve());
        log.warn({ fault_point: name }, "a fault point was reached");
      });
    },
  };
}
