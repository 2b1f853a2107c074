import type { Attempt } from "../../api/types.ts";
import { count } from "../../format/numbers.ts";
import { Section, TableScroll } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { completeness, endingOf } from "./completeness.ts";
import { useAttempts } from "./queries.ts";

/** Where a session ran, how each attempt ended, and up to where its log and metrics are complete. */
export function Attempts({ id, waiting, isGang }: { id: string; waiting: boolean; isGang: boolean }) {
  const attempts = useAttempts(id, waiting);
  return (
    <Section title="Attempts">
      <Show answer={attempts} what="attempts">
        {(items) => (
          <>
            <p className="prose">
              <Completeness attempts={items} />
            </p>
            <TableScroll label="Attempts">
              <table className="table">
                <thead>
                  <tr>
                    <th className="number">#</th>
                    {isGang && <th className="number">Member</th>}
                    <th>Node</th>
                    <th>From</th>
                    <th>To</th>
                    <th>Ended</th>
                    <th className="number">Records</th>
                    <th>Last record</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((attempt) => (
                    <Row key={attempt.id} attempt={attempt} isGang={isGang} />
                  ))}
                </tbody>
              </table>
            </TableScroll>
          </>
        )}
      </Show>
    </Section>
  );
}

function Completeness({ attempts }: { attempts: readonly Attempt[] }) {
  return completeness(attempts).map((part) =>
    typeof part === "string" ? part : <Time key={`${part.what} ${part.at}`} at={part.at} />,
  );
}

function Row({ attempt, isGang }: { attempt: Attempt; isGang: boolean }) {
  const { number, rank, node, started_at, created_at, ended_at, failure, records, recorded_until } = attempt;
  return (
    <tr>
      <td className="number">{number}</td>
      {isGang && <td className="number">{rank}</td>}
      <td>{node}</td>
      <td>
        <Time at={started_at ?? created_at} />
      </td>
      <td>{ended_at ? <Time at={ended_at} /> : "–"}</td>
      <td title={failure?.message}>{endingOf(attempt)}</td>
      <td className="number">{count(records)}</td>
      <td>{recorded_until ? <Time at={recorded_until} /> : "–"}</td>
    </tr>
  );
}
