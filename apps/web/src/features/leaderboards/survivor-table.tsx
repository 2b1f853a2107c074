import type { Survivors } from "../../api/types.ts";
import { plural, score, scoreDecimals } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { TableScroll } from "../../ui/page.tsx";
import { Empty } from "../../ui/states.tsx";

/** Who goes on, best first, with who does so by a tie alone, and the first who doesn't. */
export function SurvivorTable({ found, round }: { found: Survivors; round: string }) {
  if (found.survivors_count === 0)
    return <Empty title="Nobody would go on">No entrant has a score that the rule lets on.</Empty>;
  const { survivors, first_out: out } = found;
  const ties = new Set(found.ties.map(({ entrant }) => entrant));
  const decimals = scoreDecimals([...survivors, ...(out ? [out] : [])].map((each) => each.score));
  const rows = [
    ...survivors.map((each) => ({ ...each, fate: ties.has(each.entrant) ? "by a tie" : "goes on" })),
    ...(out && survivors.length === found.survivors_count ? [{ ...out, fate: "first out" }] : []),
  ];
  return (
    <>
      <TableScroll label="Survivors">
        <table className="table">
          <thead>
            <tr>
              <th className="number">Rank</th>
              <th>Entrant</th>
              <th className="number">Final score</th>
              <th>Goes on</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.entrant}>
                <td className="number">{row.rank}</td>
                <td>
                  <Link to={`/competitions/${found.competition}/entrants/${row.entrant}?round=${round}`}>
                    {row.entrant}
                  </Link>
                </td>
                <td className="number strong">{score(row.score, decimals)}</td>
                <td>{row.fate}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="table-foot">{summary(found)}</p>
    </>
  );
}

function summary(found: Survivors): string {
  const { rule, survivors, survivors_count, places, ties, eliminated_count, unscored_count } = found;
  const more = survivors_count - survivors.length;
  return [
    more > 0 ? `${plural(more, "more survivor is", "more survivors are")} not listed.` : "",
    ties.length > 0
      ? `The rule has ${plural(places, "place")}; ${plural(ties.length, "entrant")} more by a tie with the last.`
      : "",
    "all" in rule
      ? `${plural(unscored_count, "entrant")} without a score would go on, too.`
      : `${plural(eliminated_count, "scored entrant")} would stay behind, and ${unscored_count} without a score.`,
  ]
    .filter((each) => each !== "")
    .join(" ");
}
