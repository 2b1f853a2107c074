import { useState } from "react";
import type { Balance } from "../../api/types.ts";
import { credits } from "../../format/numbers.ts";
import { Section, TableScroll } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { BalanceChart } from "./balance-chart.tsx";
import { useLedger } from "./queries.ts";
import { type Movement, movementsOf } from "./running.ts";

const KINDS: Record<Movement["kind"], string> = {
  grant: "Grant",
  hold: "Reserved",
  settle: "Spent",
  release: "Given back",
  refund: "Refund",
  usage: "Calls",
};

/** Every movement of a team's credit with the balance after it, newest first. */
export function Ledger({ team, balance }: { team: string; balance: Balance }) {
  const ledger = useLedger(team);
  const [free, setFree] = useState(false);
  const entries = ledger.data?.pages.flatMap((page) => page.items);
  return (
    <Section
      title="Ledger"
      flush
      side={
        <label className="check">
          <input type="checkbox" checked={free} onChange={(event) => setFree(event.target.checked)} />
          show work that was free
        </label>
      }
    >
      <Show answer={{ data: entries, error: ledger.error, refetch: ledger.refetch }} what="the ledger">
        {(found) => {
          const all = movementsOf(found, balance);
          const movements = free
            ? all
            : all.filter(({ available, held }) => available.change !== 0 || held.change !== 0);
          if (all.length === 0)
            return (
              <Empty title="No credit has moved yet">
                An administrator of this hub grants credit to a team.
              </Empty>
            );
          return (
            <>
              <BalanceChart movements={movements} />
              <MovementTable movements={movements} />
              <ShowMore of={ledger} small>
                Show earlier entries
              </ShowMore>
            </>
          );
        }}
      </Show>
    </Section>
  );
}

function MovementTable({ movements }: { movements: readonly Movement[] }) {
  if (movements.length === 0)
    return <Empty title="All work so far was free">Tick the box above to see it.</Empty>;
  return (
    <TableScroll label="Ledger">
      <table className="table">
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th>For</th>
            <th className="number">Change</th>
            <th className="number">Available</th>
            <th className="number">Change</th>
            <th className="number">Held</th>
          </tr>
        </thead>
        <tbody>
          {movements.map((movement) => (
            <tr key={movement.id}>
              <td className="nowrap">
                <Time at={movement.at} />
              </td>
              <td>{KINDS[movement.kind]}</td>
              <td>{movement.memo || <span className="quiet">–</span>}</td>
              <td className="number">
                <Amount micro={movement.available.change} />
              </td>
              <td className="number strong">{credits(movement.available.after)}</td>
              <td className="number">
                <Amount micro={movement.held.change} />
              </td>
              <td className="number quiet">{credits(movement.held.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Amount({ micro }: { micro: number }) {
  if (micro === 0) return <span className="quiet">–</span>;
  return <span className={micro > 0 ? "plus" : "minus"}>{credits(micro, { signed: true })}</span>;
}
