import { useQueryClient } from "@tanstack/react-query";
import { useLive } from "../../api/live.ts";
import type { CompetitionStatistics } from "../../api/types.ts";
import { count, measure } from "../../format/numbers.ts";
import { LiveMark } from "../../ui/live-mark.tsx";
import { Page, Section, TableScroll } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Empty } from "../../ui/states.tsx";
import { statisticsKey, useStatistics } from "./queries.ts";

/** They are counted from all submissions: in a busy hour, this seldom. */
const PAUSE_MS = 2_000;

/** Who takes part in a competition, in numbers as they stand: by round, day and entrant. */
export function StatisticsPage({ name }: { name: string }) {
  const client = useQueryClient();
  const countAgain = async () => {
    await client.invalidateQueries({ queryKey: statisticsKey(name) });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };
  const stream = `/api/v1/competitions/${encodeURIComponent(name)}/stream`;
  const live = useLive(stream, { submission: countAgain, round: countAgain });
  const up = { to: `/competitions/${name}`, text: name };
  return (
    <PageOf answer={useStatistics(name)} what="the statistics" title={`Statistics of ${name}`} up={up}>
      {(found) => (
        <Page
          title={`Statistics of ${name}`}
          up={up}
          lead={`${count(found.joined)} joined`}
          side={<LiveMark state={live} />}
        >
          <Section title="Rounds" flush>
            <RoundTable rounds={found.rounds} />
          </Section>
          <Section title="Days" flush>
            <DayTable days={found.days} />
          </Section>
          <Section title="Most models" flush>
            <HeaviestTable heaviest={found.heaviest} />
          </Section>
        </Page>
      )}
    </PageOf>
  );
}

const ROUND_COLUMNS = [
  "Users",
  "Entrants",
  "Models",
  "Scored",
  "Failed",
  "Mean",
  "Maximum",
  "Under 5 models",
];

function RoundTable({ rounds }: Pick<CompetitionStatistics, "rounds">) {
  return (
    <TableScroll label="Rounds">
      <table className="table">
        <thead>
          <tr>
            <th>Round</th>
            {ROUND_COLUMNS.map((title) => (
              <th key={title} className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rounds.map((row) => (
            <tr key={row.round}>
              <td>{row.round}</td>
              <td className="number">{count(row.users)}</td>
              <td className="number">{count(row.entrants)}</td>
              <td className="number">{count(row.models)}</td>
              <td className="number">{count(row.scored)}</td>
              <td className="number">{count(row.failed)}</td>
              <td className="number">{measure(row.mean)}</td>
              <td className="number">{count(row.maximum)}</td>
              <td className="number">{Math.round(row.share_under_5 * 100)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function DayTable({ days }: Pick<CompetitionStatistics, "days">) {
  if (days.length === 0) return <Empty title="Nothing was submitted yet">Each day gets a line here.</Empty>;
  const most = Math.max(...days.map((day) => day.models));
  return (
    <TableScroll label="Days">
      <table className="table">
        <thead>
          <tr>
            <th>Day (UTC)</th>
            <th>Round</th>
            <th className="number">Models</th>
            <th className="number">Entrants</th>
            <th className="wide-only">Of the busiest day</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={`${day.day} ${day.round}`}>
              <td className="nowrap">{day.day}</td>
              <td>{day.round}</td>
              <td className="number">{count(day.models)}</td>
              <td className="number">{count(day.entrants)}</td>
              <td className="wide-only">
                <meter value={day.models} max={most} aria-label={`${day.models} of ${most}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function HeaviestTable({ heaviest }: Pick<CompetitionStatistics, "heaviest">) {
  if (heaviest.length === 0)
    return <Empty title="Nobody submitted yet">The busiest entrants stand here.</Empty>;
  return (
    <TableScroll label="Most models">
      <table className="table">
        <thead>
          <tr>
            <th>Entrant</th>
            <th className="number">Models</th>
            <th className="number">Scored</th>
          </tr>
        </thead>
        <tbody>
          {heaviest.map((row) => (
            <tr key={row.entrant}>
              <td>{row.entrant}</td>
              <td className="number">{count(row.models)}</td>
              <td className="number">{count(row.scored)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
