import { type ReactNode, useEffect, useRef } from "react";
import type { Me } from "./api/types.ts";
import { AccountPage } from "./features/accounts/account-page.tsx";
import { useMe } from "./features/accounts/me.ts";
import { SignIn } from "./features/accounts/sign-in.tsx";
import { SignUp } from "./features/accounts/sign-up.tsx";
import { UserMenu } from "./features/accounts/user-menu.tsx";
import { CompetitionPage } from "./features/competitions/competition-page.tsx";
import { CompetitionsPage } from "./features/competitions/competitions-page.tsx";
import { EntrantsPage } from "./features/competitions/entrants-page.tsx";
import { CreditsPage } from "./features/credits/credits-page.tsx";
import { DatasetPage } from "./features/data/dataset-page.tsx";
import { DatasetsPage } from "./features/data/datasets-page.tsx";
import { FindingsPage } from "./features/leaderboards/findings-page.tsx";
import { HistoryPage } from "./features/leaderboards/history-page.tsx";
import { RejudgingsPage } from "./features/leaderboards/rejudging/rejudgings-page.tsx";
import { StatisticsPage } from "./features/leaderboards/statistics-page.tsx";
import { SurvivorsPage } from "./features/leaderboards/survivors-page.tsx";
import { NodePage } from "./features/nodes/node-page.tsx";
import { NodesPage } from "./features/nodes/nodes-page.tsx";
import { NotificationsPage } from "./features/notifications/notifications-page.tsx";
import { EndpointPage } from "./features/serving/endpoint-page.tsx";
import { EndpointsPage } from "./features/serving/endpoints-page.tsx";
import { ComparePage } from "./features/sessions/compare-page.tsx";
import { SessionPage } from "./features/sessions/session-page.tsx";
import { SessionsPage } from "./features/sessions/sessions-page.tsx";
import { InvitationsPage } from "./features/teams/invitations-page.tsx";
import { TeamPage } from "./features/teams/team-page.tsx";
import { matchPath, type Params } from "./router/match.ts";
import { Link, navigate, useLocation } from "./router/router.tsx";
import { ErrorBoundary } from "./ui/error-boundary.tsx";
import { Page } from "./ui/page.tsx";
import { Empty, Loading, ProblemNotice } from "./ui/states.tsx";
import { Wordmark } from "./ui/wordmark.tsx";

type View = (props: { me: Me; params: Params; query: URLSearchParams }) => ReactNode;

const ROUTES: readonly (readonly [string, View])[] = [
  ["/sign-in", () => <CompetitionsPage />],
  ["/sign-up", () => <CompetitionsPage />],
  ["/", () => <CompetitionsPage />],
  ["/competitions", () => <CompetitionsPage />],
  [
    "/competitions/:name",
    ({ me, params, query }) => (
      <CompetitionPage me={me} name={params["name"] ?? ""} round={query.get("round")} />
    ),
  ],
  ["/competitions/:name/statistics", ({ params }) => <StatisticsPage name={params["name"] ?? ""} />],
  ["/competitions/:name/findings", ({ me, params }) => <FindingsPage me={me} name={params["name"] ?? ""} />],
  [
    "/competitions/:name/rounds/:round/survivors",
    ({ me, params }) => <SurvivorsPage me={me} name={params["name"] ?? ""} round={params["round"] ?? ""} />,
  ],
  [
    "/competitions/:name/rounds/:round/rejudgings",
    ({ me, params }) => <RejudgingsPage me={me} name={params["name"] ?? ""} round={params["round"] ?? ""} />,
  ],
  [
    "/competitions/:name/entrants/:entrant",
    ({ params, query }) => (
      <HistoryPage name={params["name"] ?? ""} entrant={params["entrant"] ?? ""} round={query.get("round")} />
    ),
  ],
  ["/competitions/:name/entrants", ({ me, params }) => <EntrantsPage me={me} name={params["name"] ?? ""} />],
  ["/teams/:slug", ({ me, params }) => <TeamPage me={me} slug={params["slug"] ?? ""} />],
  ["/invitations", ({ query }) => <InvitationsPage query={query} />],
  ["/sessions", ({ me, query }) => <SessionsPage me={me} query={query} />],
  [
    "/sessions/compare",
    ({ query }) => <ComparePage ids={(query.get("ids") ?? "").split(",").filter(Boolean)} />,
  ],
  ["/sessions/:id", ({ me, params }) => <SessionPage me={me} id={params["id"] ?? ""} key={params["id"]} />],
  ["/datasets", ({ query }) => <DatasetsPage query={query} />],
  [
    "/datasets/:team/:name",
    ({ params, query }) => (
      <DatasetPage team={params["team"] ?? ""} name={params["name"] ?? ""} query={query} />
    ),
  ],
  ["/serving", () => <EndpointsPage />],
  ["/serving/:name", ({ params }) => <EndpointPage name={params["name"] ?? ""} />],
  ["/nodes", () => <NodesPage />],
  ["/nodes/:name", ({ params }) => <NodePage name={params["name"] ?? ""} key={params["name"]} />],
  ["/notifications", () => <NotificationsPage />],
  ["/credits", ({ me }) => <CreditsPage me={me} team={null} />],
  ["/credits/:team", ({ me, params }) => <CreditsPage me={me} team={params["team"] ?? ""} />],
  ["/account", ({ me }) => <AccountPage me={me} />],
];

const NAV = [
  ["/competitions", "Competitions"],
  ["/sessions", "Sessions"],
  ["/datasets", "Datasets"],
  ["/serving", "Serving"],
  ["/nodes", "Nodes"],
  ["/credits", "Credits"],
] as const;

/** The page: log-in where nobody is logged in, otherwise the view that the address names. */
export function App() {
  const { path, query } = useLocation();
  const me = useMe();
  if (me.data === undefined) {
    return (
      <main className="alone">
        {me.error ? <ProblemNotice error={me.error} retry={me.refetch} /> : <Loading what="Podium" />}
      </main>
    );
  }
  if (path === "/sign-up" && me.data === null) return <SignUp />;
  if (me.data === null) return <SignInFirst path={path} query={query} />;
  return <Shell me={me.data} path={path} query={query} />;
}

/** Leads to the log-in and remembers where one wanted to go. */
function SignInFirst({ path, query }: { path: string; query: URLSearchParams }) {
  const wanted = path + (query.size > 0 ? `?${query}` : "");
  const there = path === "/sign-in";
  useEffect(() => {
    if (there) return;
    navigate(wanted === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`, { replace: true });
  }, [there, wanted]);
  return there ? <SignIn /> : null;
}

function Shell({ me, path, query }: { me: Me; path: string; query: URLSearchParams }) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  // On another page the keyboard, and what is read aloud, go on from its beginning.
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return (
    <>
      <a href="#main" className="skip">
        Skip to the content
      </a>
      <header className="top">
        <div className="top-inner">
          <Link to="/" aria-label="Podium, start page" className="top-home">
            <Wordmark />
          </Link>
          <nav aria-label="Main" className="nav">
            {NAV.map(([to, text]) => (
              <Link
                key={to}
                to={to}
                aria-current={
                  path.startsWith(to) || (path === "/" && to === "/competitions") ? "page" : undefined
                }
              >
                {text}
              </Link>
            ))}
          </nav>
          <UserMenu me={me} />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="main">
        <ErrorBoundary key={path}>{viewOf(me, path, query)}</ErrorBoundary>
      </main>
    </>
  );
}

function viewOf(me: Me, path: string, query: URLSearchParams): ReactNode {
  for (const [pattern, View] of ROUTES) {
    const params = matchPath(pattern, path);
    if (params) return <View me={me} params={params} query={query} />;
  }
  return (
    <Page title="There is no such page">
      <Empty title={`Nothing lives at ${path}`}>
        Look at the <Link to="/competitions">competitions</Link> or the <Link to="/sessions">sessions</Link>.
      </Empty>
    </Page>
  );
}
