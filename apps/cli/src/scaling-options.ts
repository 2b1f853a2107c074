import { InvalidArgumentError } from "commander";

/** The options by which a model's replicas are set. */
export interface ScalingOptions {
  min?: number;
  max?: number;
  target?: number;
  /** seconds */
  scaleDownAfter?: number;
  /** seconds */
  idleAfter?: number;
}

/** As the hub's API names them; only what was given. */
export function scalingOf({ min, max, target, scaleDownAfter, idleAfter }: ScalingOptions) {
  return {
    ...(min === undefined ? {} : { min_replicas: min }),
    ...(max === undefined ? {} : { max_replicas: max }),
    ...(target === undefined ? {} : { target_load: target }),
    ...(scaleDownAfter === undefined ? {} : { scale_down_seconds: scaleDownAfter }),
    ...(idleAfter === undefined ? {} : { idle_seconds: idleAfter }),
  };
}

/** A whole number of at least 0. @throws InvalidArgumentError */
export function parseReplicas(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError(`"${text}" is not a whole number of at least 0.`);
  return Number(text);
}
