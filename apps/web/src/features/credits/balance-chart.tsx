import { credits } from "../../format/numbers.ts";
import { shortTime } from "../../format/time.ts";
import type { Movement } from "./running.ts";

const WIDTH = 960;
const HEIGHT = 110;
const PAD = 8;

/** The available balance over the movements shown, as a stepped line between its lowest and its highest. */
export function BalanceChart({ movements }: { movements: readonly Movement[] }) {
  const oldestFirst = movements.toReversed();
  const first = oldestFirst[0];
  const last = oldestFirst.at(-1);
  if (oldestFirst.length < 2 || !first || !last) return null;

  const levels = oldestFirst.map((movement) => movement.available.after);
  const lowest = Math.min(...levels);
  const highest = Math.max(...levels);
  const x = (index: number) => PAD + (index / oldestFirst.length) * (WIDTH - 2 * PAD);
  const y = (micro: number) =>
    HEIGHT - PAD - ((micro - lowest) / (highest - lowest || 1)) * (HEIGHT - 2 * PAD);
  const line = oldestFirst
    .map(({ available }, index) =>
      index === 0 ? `M${x(0)} ${y(available.after)}` : `H${x(index)}V${y(available.after)}`,
    )
    .join("")
    .concat(`H${WIDTH - PAD}`);
  return (
    <figure className="history">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Available credit from ${credits(first.available.after)} to ${credits(last.available.after)}`}
      >
        <path d={line} className="history-line" vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption>
        Available credit between <strong>{credits(lowest)}</strong> and <strong>{credits(highest)}</strong>
        <span className="quiet">
          {" "}
          from {shortTime(first.at)} to {shortTime(last.at)}
        </span>
      </figcaption>
    </figure>
  );
}
