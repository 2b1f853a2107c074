import { bytes, measure } from "../../format/numbers.ts";
import { Section, TableScroll } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { shownName } from "./metric-groups.ts";
import { useCheckpoints } from "./queries.ts";

/** What a session saved, newest first. */
export function Checkpoints({ id, waiting }: { id: string; waiting: boolean }) {
  const checkpoints = useCheckpoints(id);
  return (
    <Section title="Checkpoints" flush>
      <Show answer={checkpoints} what="checkpoints">
        {(items) =>
          items.length === 0 ? (
            <Empty title={waiting ? "Nothing saved yet" : "This session saved no checkpoint"}>
              Call <code>podium.save("best")</code> in your program; a checkpoint can be submitted, served, or
              trained on.
            </Empty>
          ) : (
            <TableScroll label="Checkpoints">
              <table className="table">
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Metrics at that time</th>
                    <th className="number">Size</th>
                    <th>Saved</th>
                  </tr>
                </thead>
                <tbody>
                  {items
                    .toSorted((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at))
                    .map((checkpoint) => (
                      <tr key={checkpoint.id}>
                        <td>
                          <code title={`tree ${checkpoint.tree_id}`}>{checkpoint.name}</code>
                        </td>
                        <td className="chips">
                          {Object.entries(checkpoint.metrics).map(([name, value]) => (
                            <span key={name} className="chip">
                              {shownName(name)} <strong>{measure(value)}</strong>
                            </span>
                          ))}
                        </td>
                        <td className="number">{bytes(checkpoint.size_bytes)}</td>
                        <td>
                          <Time at={checkpoint.created_at} />
                        </td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </TableScroll>
          )
        }
      </Show>
    </Section>
  );
}
