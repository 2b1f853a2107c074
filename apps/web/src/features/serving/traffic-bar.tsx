import type { Binding } from "../../api/types.ts";
import { lineColour } from "../../ui/line-colour.ts";
import { trafficShares } from "./traffic.ts";

const WIDTH = 100;

/** How an endpoint's traffic is shared, as one bar. */
export function Traffic({ bindings }: { bindings: readonly Binding[] }) {
  const live = trafficShares(bindings).filter(({ share }) => share > 0);
  if (live.length === 0) return <p className="quiet">No binding takes traffic.</p>;
  let at = 0;
  const label = live.map(({ binding, share }) => `${binding.model} ${percent(share)}`).join(", ");
  return (
    <div className="traffic">
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" role="img" aria-label={`Traffic: ${label}`}>
        {live.map(({ binding, share }, index) => {
          const x = at;
          at += share * WIDTH;
          return (
            <rect
              key={binding.id}
              x={x}
              width={share * WIDTH}
              height="8"
              style={{ fill: lineColour(index) }}
            />
          );
        })}
      </svg>
      <ul>
        {live.map(({ binding, share }, index) => (
          <li key={binding.id}>
            <span className="key" style={{ background: lineColour(index) }} aria-hidden="true" />
            <code>{binding.model}</code> <span className="nowrap">{percent(share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A share in percent, whole where it is whole. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
