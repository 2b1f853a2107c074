import type { Session } from "../../api/types.ts";
import { shortTime } from "../../format/time.ts";
import { Curves } from "../../ui/curves.tsx";
import { Section } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { useSessionSeries } from "./queries.ts";

/** How busy the GPUs of a session were, from its start to its end or until now. */
export function SessionGpus({ session, waiting }: { session: Session; waiting: boolean }) {
  const series = useSessionSeries(session.id, waiting);
  return (
    <Section title="GPUs">
      <Show answer={series} what="figures">
        {({ devices, step_seconds, to }) => {
          const measured = devices.filter(({ points }) => points.length > 0);
          const from = measured.map(({ held_from }) => held_from).toSorted()[0];
          if (from === undefined)
            return <p className="quiet">Nothing has been measured yet: a look is taken every 10 s.</p>;
          const shared = measured.some(({ milli }) => milli < 1000);
          return (
            <Curves
              of="Utilisation of"
              curves={measured.map((device) => ({
                title: titleOf(device),
                key: `${device.node} ${device.index} ${device.held_from}`,
                moments: device.points.map(({ at, utilization }) => ({
                  atMs: Date.parse(at),
                  share: utilization,
                })),
              }))}
              span={{ from, to: session.ended_at ?? to, stepSeconds: step_seconds }}
              note={
                shared
                  ? "0 to 100 % of the whole GPU, the work of those that share it included"
                  : "0 to 100 % utilisation"
              }
            />
          );
        }}
      </Show>
    </Section>
  );
}

interface Device {
  node: string;
  index: number;
  model: string;
  milli: number;
  held_from: string;
}

function titleOf({ node, index, model, milli, held_from }: Device): string {
  const part = milli < 1000 ? `${milli / 1000} of ` : "";
  return `${part}GPU ${index} of ${node} (${model}, from ${shortTime(held_from)})`;
}
