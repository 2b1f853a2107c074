import { Pass } from "../admission/pass.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";

/** How long one try of a job may take, in ms, where the endpoint's own limit is shorter: nobody holds a line meanwhile. */
const TRY_MS = 600_000;

/** The pass by which a job's call goes to the model: more time, and one bill however often it is run. */
export class JobPass extends Pass {
  /** @param billed called at the moment that its answer is counted */
  constructor(
    of: Pass,
    private readonly job: Job,
    private readonly billed: () => void,
  ) {
    const key = of.limits?.key ?? null;
    super(of.endpoint, of.keyId, of.usage, key && { key, endpoint: null, addresses: null }, null, null);
  }

  override get timeoutMs(): number {
    return Math.max(TRY_MS, this.endpoint.timeoutMs);
  }

  override begin(clock: Clock) {
    const isCounted = this.job.counted !== null || this.job.isBilled;
    this.job.counted = null;
    if (!isCounted) super.begin(clock);
  }

  override bill(answered: boolean) {
    if (!answered) {
      this.usage.add(false);
      return;
    }
    if (this.job.isBilled) return;
    this.job.isBilled = true;
    this.billed();
    this.usage.add(true);
  }
}
