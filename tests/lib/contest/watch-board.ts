import type { Contest } from "./make-contest.ts";
import type { Accepted } from "./play.ts";

/** How often the board is read: a submission may count for so long before it is seen. */
const EVERY_MS = 100;

/**
 * Reads a board again and again as anybody may. An entrant's Nth submission is visible once the board says that N of
 * its count.
 */
export function watchBoard({ hubUrl, name, organizer }: Contest, round: string) {
  const url = `${hubUrl}/api/v1/competitions/${name}/rounds/${round}/leaderboard?limit=200`;
  const headers = { authorization: `Bearer ${organizer.token}` };
  /** by entrant, when it was first seen to have so many */
  const seen = new Map<string, { count: number; at: number }[]>();
  const counts = new Map<string, number>();
  let isStopping = false;
  let lastChangeAt = 0;

  const watching = (async () => {
    while (!isStopping) {
      const signal = AbortSignal.timeout(10_000);
      const board = await fetch(url, { headers, signal })
        .then((answer) => (answer.ok ? answer.json() : null))
        .catch(() => null);
      const at = performance.now();
      for (const { entrant, submissions } of (board as Board | null)?.rows ?? []) {
        if (counts.get(entrant) === submissions) continue;
        counts.set(entrant, submissions);
        seen.set(entrant, [...(seen.get(entrant) ?? []), { count: submissions, at }]);
        lastChangeAt = at;
      }
      await Bun.sleep(EVERY_MS);
    }
  })();
  void watching;

  return {
    /** how many submissions count on the board, of all entrants together */
    counted: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    lastChangeAt: () => lastChangeAt,
    stop() {
      isStopping = true;
      return { delaysOf };
    },
  };

  function delaysOf(accepted: readonly Accepted[]): number[] {
    const delays: number[] = [];
    for (const [entrant, all] of Map.groupBy(accepted, (each) => each.entrant)) {
      const steps = seen.get(entrant) ?? [];
      all
        .toSorted((a, b) => a.sentAt - b.sentAt)
        .forEach(({ sentAt }, index) => {
          const step = steps.find(({ count }) => count > index);
          if (step) delays.push(step.at - sentAt);
        });
    }
    return delays;
  }
}

interface Board {
  rows: { entrant: string; submissions: number }[];
}
