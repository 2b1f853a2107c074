import type { Rejudging, RejudgingDetails } from "../../../api/types.ts";
import { plural, score, scoreDecimals } from "../../../format/numbers.ts";
import { Section, TableScroll } from "../../../ui/page.tsx";
import { Empty, Show } from "../../../ui/states.tsx";
import { useRejudging } from "./queries.ts";

type Change = RejudgingDetails["changes"][number];

/** Whose score and rank a rejudging would change, board by board. */
export function Differences({ rejudging: { competition, round, id } }: { rejudging: Rejudging }) {
  const details = useRejudging(competition, round, id);
  return (
    <Section title="What would change" flush>
      <Show answer={details} what="the differences">
        {({ changed, changes }) =>
          changed === 0 ? (
            <Empty title="No score and no rank would change">
              Applying it changes nothing on the boards.
            </Empty>
          ) : (
            <>
              <ChangeTable changes={changes} />
              {changed > changes.length && (
                <p className="table-foot">{plural(changed - changes.length, "more place")} would change.</p>
              )}
            </>
          )
        }
      </Show>
    </Section>
  );
}

function ChangeTable({ changes }: { changes: readonly Change[] }) {
  const decimals = scoreDecimals(
    changes.flatMap(({ before, after }) => [before, after].flatMap((place) => (place ? [place.score] : []))),
  );
  const scoreOf = (place: Change["before"]) => (place === null ? "–" : score(place.score, decimals));
  return (
    <TableScroll label="What would change">
      <table className="table">
        <thead>
          <tr>
            <th>Board</th>
            <th>Entrant</th>
            <th className="number">Rank now</th>
            <th className="number">Rank then</th>
            <th className="number">Score now</th>
            <th className="number">Score then</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={`${change.board} ${change.entrant}`}>
              <td>{change.board === "public" ? "public" : "final"}</td>
              <td>{change.entrant}</td>
              <td className="number">{change.before?.rank ?? "–"}</td>
              <td className="number">
                <Moved change={change} />
              </td>
              <td className="number">{scoreOf(change.before)}</td>
              <td className="number strong">{scoreOf(change.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** The rank afterwards, with by how many places that is up or down. */
function Moved({ change: { before, after } }: { change: Change }) {
  if (after === null) return <>leaves the board</>;
  const places = before === null ? 0 : before.rank - after.rank;
  return (
    <>
      {places !== 0 && (
        <span className={places > 0 ? "moved moved-up" : "moved moved-down"}>
          <span aria-hidden="true">{places > 0 ? "▲" : "▼"}</span>
          <span className="visually-hidden">{places > 0 ? "up" : "down"} </span>
          {Math.abs(places)}
        </span>
      )}{" "}
      {after.rank}
    </>
  );
}
