export interface JobId {
  gatewayId: string;
}

const FORM = /^job_([0-9a-f]{32})_[0-9a-f]{32}$/;

/** An id that names the gateway which keeps the job, and that nobody can guess. @param random32 uniform 32-bit integers */
export function newJobId(gatewayId: string, random32: () => number): string {
  const digits = Array.from({ length: 4 }, () => (random32() >>> 0).toString(16).padStart(8, "0")).join("");
  return `job_${gatewayId.slice("gtw_".length)}_${digits}`;
}

/** Null when it is none. */
export function parseJobId(text: string): JobId | null {
  const gateway = FORM.exec(text)?.[1];
  return gateway === undefined ? null : { gatewayId: `gtw_${gateway}` };
}
