import type { Endpoint } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { useEndpoints } from "./queries.ts";
import { Traffic } from "./traffic-bar.tsx";

/** Endpoints that one may see. */
export function EndpointsPage() {
  const endpoints = useEndpoints();
  return (
    <Page
      title="Serving"
      lead="Models behind REST addresses. A binding sends a share of an endpoint's traffic to a model."
    >
      <Show answer={endpoints} what="endpoints">
        {(items) =>
          items.length === 0 ? (
            <Empty title="No endpoints yet">
              Make one and bind a checkpoint to it: <code>podium endpoint create NAME</code>, then{" "}
              <code>podium endpoint bind NAME SESSION CHECKPOINT</code>
            </Empty>
          ) : (
            <ul className="cards">
              {items.map((endpoint) => (
                <EndpointCard key={endpoint.id} endpoint={endpoint} />
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  return (
    <li className="card tile">
      <div className="tile-head">
        <h2>
          <Link to={`/serving/${endpoint.name}`} className="tile-link">
            {endpoint.name}
          </Link>
        </h2>
        <span className="tag">{endpoint.public ? "public" : "needs a key"}</span>
      </div>
      <Traffic bindings={endpoint.bindings} />
      <p className="tile-foot">
        <span>{endpoint.team}</span>
        <span>{plural(endpoint.bindings.length, "binding")}</span>
        <span>
          {endpoint.urls.length === 0
            ? "no gateway is up"
            : plural(endpoint.urls.length, "address", "addresses")}
        </span>
      </p>
    </li>
  );
}
