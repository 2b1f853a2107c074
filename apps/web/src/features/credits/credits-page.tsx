import type { Balance, Me } from "../../api/types.ts";
import { credits } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { personalTeam } from "../accounts/me.ts";
import { Ledger } from "./ledger.tsx";
import { useBalance } from "./queries.ts";

/** A team's credit and how it came to be. */
export function CreditsPage({ me, team }: { me: Me; team: string | null }) {
  const slug = team ?? personalTeam(me);
  const balance = useBalance(slug);
  if (slug === "") {
    return (
      <Page title="Credits">
        <Empty title="You belong to no team">
          Ask the owner of a team to add you; credits belong to teams.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Credits"
      lead="Work reserves credit before it runs; what it does not use comes back. Faults of the platform cost nothing."
      side={
        me.teams.length > 1 && (
          <nav aria-label="Team" className="choices">
            {me.teams.map((own) => (
              <Link
                key={own.id}
                to={`/credits/${own.slug}`}
                aria-current={own.slug === slug ? "true" : undefined}
              >
                {own.slug}
              </Link>
            ))}
          </nav>
        )
      }
    >
      <Show answer={balance} what="the balance">
        {(found) => (
          <>
            <Figures balance={found} />
            <Ledger team={slug} balance={found} />
          </>
        )}
      </Show>
    </Page>
  );
}

function Figures({ balance }: { balance: Balance }) {
  return (
    <dl className="tiles">
      <div className="figure figure-main">
        <dt>Available</dt>
        <dd>{credits(balance.available)}</dd>
        <dd className="figure-note">credits of {balance.team}</dd>
      </div>
      <div className="figure">
        <dt>Held</dt>
        <dd>{credits(balance.held)}</dd>
        <dd className="figure-note">reserved by work under way</dd>
      </div>
      <div className="figure">
        <dt>Spent</dt>
        <dd>{credits(balance.spent)}</dd>
        <dd className="figure-note">on finished work</dd>
      </div>
    </dl>
  );
}
