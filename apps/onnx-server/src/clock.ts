/** The only source of time in the ONNX server. */
export interface Clock {
  /** Milliseconds that only grow, for durations. */
  elapsedMs(): number;
  /** Microseconds since the machine started: later programs with the same pid begin higher. */
  machineMicros(): number;
}

export const systemClock: Clock = {
  elapsedMs: () => performance.now(),
  machineMicros: () => Number(process.hrtime.bigint() / 1000n),
};
