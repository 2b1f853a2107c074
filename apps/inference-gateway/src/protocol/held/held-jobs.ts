import type { Clock } from "../../clock.ts";

/** Where the rest of a call's way can be followed. */
export interface Deferral {
  id: string;
  /** path at this gateway */
  location: string;
}

/** A call whose caller did not wait for it. */
interface HeldJob {
  readonly endpointId: string;
  /** what it waits for, while it has no answer */
  progress(): { state: string; detail: string | null };
  /** null until there is one */
  answer: KeptAnswer | null;
  /** monotonic milliseconds; Infinity until there is an answer */
  forgetAt: number;
}

interface KeptAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** Further calls are not taken over: their callers get what they would have got without. */
const MAX_JOBS = 10_000;
const MAX_KEPT_BYTES = 256 * 1024 * 1024;
const KEPT_MS = 10 * 60_000;

/** The calls that go on after their callers were told where to ask for the answer. In memory: they end with the gateway. */
export class HeldJobs {
  readonly #jobs = new Map<string, HeldJob>();
  #keptBytes = 0;

  /** @param random32 uniform unsigned 32-bit integers: an id is known to nobody who was not told it */
  constructor(
    private readonly clock: Clock,
    private readonly random32: () => number,
  ) {}

  /** Takes a call over; null when there are too many already. @param answer asked for its end; must not reject */
  defer(job: Pick<HeldJob, "endpointId" | "progress">, answer: () => Promise<Response>): Deferral | null {
    this.#forgetOld();
    if (this.#jobs.size >= MAX_JOBS || this.#keptBytes >= MAX_KEPT_BYTES) return null;
    const id = `job_${Array.from({ length: 4 }, () => this.random32().toString(16).padStart(8, "0")).join("")}`;
    const kept: HeldJob = { ...job, answer: null, forgetAt: Number.POSITIVE_INFINITY };
    this.#jobs.set(id, kept);
    void this.#keep(kept, answer());
    return { id, location: `/v1/jobs/${id}` };
  }

  find(id: string): HeldJob | undefined {
    this.#forgetOld();
    return this.#jobs.get(id);
  }

  async #keep(job: HeldJob, answer: Promise<Response>) {
    const response = await answer;
    const body = await response.bytes();
    job.answer = { status: response.status, headers: response.headers, body };
    job.forgetAt = this.clock.elapsedMs() + KEPT_MS;
    this.#keptBytes += body.byteLength;
  }

  #forgetOld() {
    const now = this.clock.elapsedMs();
    for (const [id, { forgetAt, answer }] of this.#jobs) {
      if (forgetAt > now) continue;
      this.#keptBytes -= answer?.body.byteLength ?? 0;
      this.#jobs.delete(id);
    }
  }
}
