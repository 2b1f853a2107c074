import { shortTime } from "../format/time.ts";
import { curvePath, type Moment } from "./curve.ts";
import { lineColour } from "./line-colour.ts";

const HOUR_MS = 3_600_000;
export const SPANS = [
  ["1 hour", HOUR_MS],
  ["1 day", 24 * HOUR_MS],
  ["1 week", 7 * 24 * HOUR_MS],
  ["1 month", 30 * 24 * HOUR_MS],
  ["1 year", 365 * 24 * HOUR_MS],
] as const;

const WIDTH = 960;
const HEIGHT = 160;

export interface Curve {
  title: string;
  /** where several have the same title */
  key?: string;
  moments: readonly Moment[];
}

interface Props {
  /** what the shares are of, before the curves' own titles when it is read aloud: `GPUs` */
  of: string;
  curves: readonly Curve[];
  span: { from: string; to: string; stepSeconds: number };
  /** said after the span */
  note: string;
  /** how a mean is told; in percent when not given */
  tell?: (share: number | null) => string;
}

/** Shares over time as lines, with the mean of each. */
export function Curves({ of, curves, span, note, tell = percent }: Props) {
  const times = {
    fromMs: Date.parse(span.from),
    toMs: Date.parse(span.to),
    stepMs: span.stepSeconds * 1000,
  };
  const lines = curves.map(({ title, key = title, moments }) => {
    const known = moments.flatMap((moment) => moment.share ?? []);
    const mean = known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length;
    return { title, key, path: curvePath(moments, times, { width: WIDTH, height: HEIGHT }), mean };
  });
  return (
    <figure className="history shares">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={lines.map(({ title, mean }) => `${of} ${title}: ${tell(mean)} on average`).join("; ")}
      >
        {[0.25, 0.5, 0.75].map((at) => (
          <line key={at} x1={0} x2={WIDTH} y1={at * HEIGHT} y2={at * HEIGHT} className="shares-grid" />
        ))}
        {lines.map(({ key, path }, index) => (
          <path
            key={key}
            d={path}
            className="shares-line"
            stroke={lineColour(index)}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <figcaption>
        {lines.map(({ title, key, mean }, index) => (
          <span key={key} className="shares-key">
            <i aria-hidden="true" style={{ background: lineColour(index) }} /> {title}:{" "}
            <strong>{tell(mean)}</strong> on average
          </span>
        ))}
        <span className="quiet">
          {shortTime(span.from)} to {shortTime(span.to)}, {note}
        </span>
      </figcaption>
    </figure>
  );
}

/** Chooses how far back figures are shown. */
export function SpanChoice({ spanMs, onChange }: { spanMs: number; onChange: (spanMs: number) => void }) {
  return (
    <select aria-label="Time shown" value={spanMs} onChange={(event) => onChange(Number(event.target.value))}>
      {SPANS.map(([text, ms]) => (
        <option key={ms} value={ms}>
          {text}
        </option>
      ))}
    </select>
  );
}

const percent = (share: number | null) => (share === null ? "not known" : `${Math.round(share * 100)} %`);
