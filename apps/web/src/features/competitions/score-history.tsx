import { score, scoreDecimals } from "../../format/numbers.ts";
import { progressOf, type Scored } from "./progress.ts";

const WIDTH = 640;
const HEIGHT = 96;
const PAD = 10;

/** How an entrant's scores went: a dot each submission, a stepped line for the best so far; better is always up. */
export function ScoreHistory({
  submissions,
  order,
}: {
  submissions: readonly Scored[];
  order: "ascending" | "descending";
}) {
  const steps = progressOf(submissions, order);
  const last = steps.at(-1);
  if (steps.length < 2 || !last) return null;

  const scores = steps.map((step) => step.score);
  const low = Math.min(...scores);
  const span = Math.max(...scores) - low || 1;
  const x = (index: number) => PAD + (index / (steps.length - 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) => {
    const share = (value - low) / span;
    return PAD + (order === "ascending" ? share : 1 - share) * (HEIGHT - 2 * PAD);
  };
  const line = steps
    .map((step, index) => (index === 0 ? `M${x(0)} ${y(step.best)}` : `H${x(index)}V${y(step.best)}`))
    .join("");
  const decimals = scoreDecimals(scores);

  return (
    <figure className="history">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Best score ${score(last.best, decimals)} after ${steps.length} scored submissions`}
      >
        <path d={line} className="history-line" />
        {steps.map((step, index) => (
          <circle
            key={step.number}
            cx={x(index)}
            cy={y(step.score)}
            r={step.score === step.best ? 4 : 3}
            className={step.score === step.best ? "history-best" : "history-dot"}
          >
            <title>{`#${step.number}: ${score(step.score, decimals)}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption>
        Best so far <strong>{score(last.best, decimals)}</strong>
        <span className="quiet"> after {steps.length} scored submissions; up is better</span>
      </figcaption>
    </figure>
  );
}
