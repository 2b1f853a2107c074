import type { Clock } from "./clock.ts";
import type { LoadFailure } from "./load-failure.ts";
import { RunnerLink } from "./runner-link.ts";

const LONGEST_TEXT = 500;

/** Tells the runner why this process ends, for whoever bound the model. */
export async function tellFailure(
  { message, hint }: LoadFailure,
  socket: string,
  clock: Clock,
): Promise<void> {
  const { promise: told, resolve } = Promise.withResolvers<void>();
  const link = new RunnerLink(socket, clock.machineMicros(), {
    connected: () => {
      const text = { message: message.slice(0, LONGEST_TEXT), hint: hint?.slice(0, LONGEST_TEXT) ?? null };
      // The class whose message stands for itself: see the runner's sdk-lines.ts.
      void link
        .tell({ type: "failure", error: "PodiumError", location: null, ...text })
        .then(() => resolve());
    },
    batch: () => {},
    stop: () => resolve(),
  });
  await told;
  await link.close();
}
