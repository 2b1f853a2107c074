import type { Binding } from "../batching/binding.ts";
import type { Log } from "../log.ts";
import type { HubClient, VersionReport } from "../routing/hub-client.ts";
import type { VersionFigures } from "./version-figures.ts";

/** Rounds without a change after which a version that has left the table is forgotten: its last calls have ended. */
const FORGET_AFTER = 100;
/** How long the last report may take at the end. */
const LAST_WORDS_MS = 3_000;
const MAX_VERSIONS = 10_000;

interface Known {
  figures: VersionFigures;
  reported: number;
  idleRounds: number;
}

/**
 * Tells the hub, every few seconds, the totals of the versions that had calls since. Totals of a run only grow, so a
 * report that was lost is made good by the next one, and one that comes twice changes nothing.
 */
export class VersionReporter {
  readonly #known = new Map<string, Known>();
  #sequence = 0;
  #timer: Timer | null = null;
  #round: Promise<void> = Promise.resolve();

  constructor(
    private readonly bindings: () => Iterable<Binding>,
    private readonly hub: HubClient,
    private readonly ids: Pick<VersionReport, "gateway_id" | "run_id">,
    private readonly log: Log,
  ) {}

  start(everyMs: number) {
    this.#timer = setInterval(() => this.#next(AbortSignal.timeout(10 * everyMs)), everyMs);
  }

  /** Says once more what there is to say, if the hub answers. */
  async stop() {
    if (this.#timer) clearInterval(this.#timer);
    this.#next(AbortSignal.timeout(LAST_WORDS_MS));
    await this.#round;
  }

  /** One report after the other. */
  #next(limit: AbortSignal) {
    this.#round = this.#round.then(() => this.#report(limit));
  }

  async #report(limit: AbortSignal) {
    const changed = this.#changed();
    if (changed.length === 0) return;
    this.#sequence += 1;
    const sent = changed.map(([binding_id, known]) => ({
      known,
      activity: known.figures.activity,
      binding_id,
    }));
    const versions = sent.map(({ known: { figures }, binding_id }) => ({
      binding_id,
      calls: figures.calls,
      errors: figures.errors,
      latency: figures.latency.sketch(),
      ...(figures.shadow && { shadow: figures.shadow.report() }),
    }));
    try {
      await this.hub.reportVersions({ ...this.ids, sequence: this.#sequence, versions }, limit);
      for (const { known, activity } of sent) known.reported = activity;
    } catch (error) {
      this.log.debug({ err: error }, "What versions did was not reported; the next report has all of it.");
    }
  }

  #changed(): [string, Known][] {
    const present = new Set<string>();
    for (const { id, figures } of this.bindings()) {
      present.add(id);
      if (!this.#known.has(id)) this.#known.set(id, { figures, reported: 0, idleRounds: 0 });
    }
    const changed: [string, Known][] = [];
    for (const [id, known] of this.#known) {
      if (known.figures.activity !== known.reported) {
        known.idleRounds = 0;
        if (changed.length < MAX_VERSIONS) changed.push([id, known]);
      } else if (!present.has(id) && ++known.idleRounds > FORGET_AFTER) this.#known.delete(id);
    }
    return changed;
  }
}
