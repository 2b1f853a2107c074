import type { Binding } from "../../api/types.ts";
import { lineColour } from "../../ui/line-colour.ts";

const WIDTH = 100;

/** How an endpoint's traffic is shared, as one bar. */
export function Traffic({ bindings }: { bindings: readonly Binding[] }) {
  const live = bindings.filter((binding) => binding.percent > 0);
  if (live.length === 0) return <p className="quiet">No version takes traffic.</p>;
  let at = 0;
  const label = live.map((binding) => `${nameOf(binding)} ${percent(binding.percent / 100)}`).join(", ");
  return (
    <div className="traffic">
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" role="img" aria-label={`Traffic: ${label}`}>
        {live.map((binding, index) => {
          const x = at;
          at += binding.percent;
          return (
            <rect
              key={binding.id}
              x={x}
              width={binding.percent}
              height="8"
              style={{ fill: lineColour(index) }}
            />
          );
        })}
      </svg>
      <ul>
        {live.map((binding, index) => (
          <li key={binding.id}>
            <span className="key" style={{ background: lineColour(index) }} aria-hidden="true" />
            {nameOf(binding)} <span className="nowrap">{percent(binding.percent / 100)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Versions may have the same model: the number tells them apart. */
const nameOf = ({ version, model }: Binding) => `version ${version}, ${model}`;

/** A share in percent, whole where it is whole. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
