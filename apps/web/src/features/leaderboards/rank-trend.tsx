import type { EntrantHistory } from "../../api/types.ts";

const WIDTH = 640;
const HEIGHT = 96;
const PAD = 10;

/** Ranks right after each scored submission, as a stepped line; the first place is at the top. */
export function RankTrend({ submissions }: Pick<EntrantHistory, "submissions">) {
  const ranked = submissions.flatMap(({ number, rank }) => (rank === null ? [] : [{ number, rank }]));
  const last = ranked.at(-1);
  if (!last) return <p className="quiet">There are no ranks to show.</p>;
  const worst = Math.max(...ranked.map(({ rank }) => rank));
  const x = (index: number) => PAD + (index / Math.max(1, ranked.length - 1)) * (WIDTH - 2 * PAD);
  const y = (rank: number) => PAD + ((rank - 1) / Math.max(1, worst - 1)) * (HEIGHT - 2 * PAD);
  const line = ranked
    .map(({ rank }, index) => (index === 0 ? `M${x(0)} ${y(rank)}` : `H${x(index)}V${y(rank)}`))
    .join("");
  return (
    <figure className="history">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Rank ${last.rank} after ${ranked.length} scored submissions, at worst ${worst}`}
      >
        <path d={line} className="history-line" />
        {ranked.map(({ number, rank }, index) => (
          <circle key={number} cx={x(index)} cy={y(rank)} r={3} className="history-dot">
            <title>{`#${number}: rank ${rank}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption>
        Rank <strong>{last.rank}</strong>
        <span className="quiet"> after {ranked.length} scored submissions; up is better</span>
      </figcaption>
    </figure>
  );
}
