import type { Endpoint, Me } from "../../api/types.ts";
import { Link } from "../../router/router.tsx";
import { Page, Section, TableScroll } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty } from "../../ui/states.tsx";
import { EndpointFigures } from "./endpoint-figures.tsx";
import { HowToCall } from "./how-to-call.tsx";
import { useEndpoint } from "./queries.ts";
import { trafficShares } from "./traffic.ts";
import { percent, Traffic } from "./traffic-bar.tsx";
import { TryIt } from "./try-it.tsx";

/** One endpoint: what answers it, and how to call it. */
export function EndpointPage({ me, name }: { me: Me; name: string }) {
  const endpoint = useEndpoint(name);
  return (
    <PageOf answer={endpoint} what="the endpoint" title={name} up={{ to: "/serving", text: "Serving" }}>
      {(found) => (
        <Page
          title={found.name}
          up={{ to: "/serving", text: "Serving" }}
          lead={
            <span className="dotted">
              <span>{found.team}</span>
              <span>{found.public ? "callable by anyone" : "callable with a key"}</span>
            </span>
          }
        >
          <Section title="Bindings" flush>
            <Bindings endpoint={found} />
          </Section>
          <EndpointFigures name={found.name} />
          <HowToCall me={me} endpoint={found} />
          <TryIt endpoint={found} />
        </Page>
      )}
    </PageOf>
  );
}

function Bindings({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.bindings.length === 0) {
    return (
      <Empty title="Nothing is bound yet">
        Bind a checkpoint: <code>podium endpoint bind {endpoint.name} SESSION CHECKPOINT</code>
      </Empty>
    );
  }
  return (
    <>
      <div className="card-pad">
        <Traffic bindings={endpoint.bindings} />
      </div>
      <TableScroll label="Bindings">
        <table className="table">
          <thead>
            <tr>
              <th className="number">Version</th>
              <th>Model</th>
              <th>State</th>
              <th className="number">Weight</th>
              <th className="number">Traffic</th>
              <th>Runs in</th>
            </tr>
          </thead>
          {trafficShares(endpoint.bindings).map(({ binding, share }) => (
            <tbody key={binding.id} className="group">
              <tr>
                <td className="number">{binding.version}</td>
                <td>
                  <code>{binding.model}</code>
                </td>
                <td>
                  <StatePill state={binding.state} />
                </td>
                <td className="number">{binding.weight}</td>
                <td className="number strong">{percent(share)}</td>
                <td>
                  <Link to={`/sessions/${binding.session_id}`}>its session</Link>
                </td>
              </tr>
              {binding.failure && (
                <tr className="detail-row">
                  <td colSpan={6}>
                    <div className="failure">
                      <p className="failure-text">{binding.failure}</p>
                    </div>
                  </td>
                </tr>
              )}
            </tbody>
          ))}
        </table>
      </TableScroll>
    </>
  );
}
