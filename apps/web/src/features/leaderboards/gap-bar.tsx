import { score } from "../../format/numbers.ts";

const WIDTH = 100;

/** How far behind the best a score is, as a bar beside its number. */
export function GapBar({ gap, widest, decimals }: { gap: number; widest: number; decimals: number }) {
  const length = widest === 0 ? 0 : (gap / widest) * WIDTH;
  return (
    <span className="gap">
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="gap-track" width={WIDTH} height="8" rx="4" />
        <rect className="gap-bar" width={length} height="8" rx="4" />
      </svg>
      <span className="gap-number">{gap === 0 ? "best" : score(gap, decimals)}</span>
    </span>
  );
}
