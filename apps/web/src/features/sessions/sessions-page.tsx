import { useState } from "react";
import type { Me } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { queryString } from "../../router/match.ts";
import { Link } from "../../router/router.tsx";
import { Page } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { readFilter } from "./filter.ts";
import { Filters } from "./filters.tsx";
import { useSessions } from "./queries.ts";
import { SessionTable } from "./session-table.tsx";

/** Sessions of one's teams with filters in the address; chosen ones can be compared. */
export function SessionsPage({ me, query }: { me: Me; query: URLSearchParams }) {
  const filter = readFilter(query);
  const sessions = useSessions(filter);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const items = sessions.data?.pages.flatMap((page) => page.items);
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);

  return (
    <Page
      title="Sessions"
      lead="Training, inference and serving runs of your teams."
      side={
        chosen.length > 0 && (
          <>
            <button type="button" className="button" onClick={() => setChosen([])}>
              Choose none
            </button>
            <Link
              to={`/sessions/compare${queryString({ ids: chosen.join(",") })}`}
              className="button primary"
              aria-disabled={chosen.length < 2}
            >
              Compare {plural(chosen.length, "session")}
            </Link>
          </>
        )
      }
    >
      <Filters filter={filter} teams={me.teams.map((team) => team.slug)} />
      <Show answer={{ data: items, error: sessions.error, refetch: sessions.refetch }} what="sessions">
        {(shown) =>
          shown.length === 0 ? (
            <NoSessions filtered={Object.keys(filter).length > 0} />
          ) : (
            <>
              <SessionTable sessions={shown} chosen={chosen} onToggle={toggle} />
              <ShowMore of={sessions} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function NoSessions({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <Empty title="No session fits">
        <Link to="/sessions">Clear the filters</Link> to see all.
      </Empty>
    );
  }
  return (
    <Empty title="No sessions yet">
      Start one from the folder with your code: <code>podium run -d TEAM/DATASET .</code>
    </Empty>
  );
}
