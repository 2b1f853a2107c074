import { Page } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { BatchInferences } from "./batch-inferences.tsx";
import { Canary } from "./canary/canary.tsx";
import { EndpointFigures } from "./endpoint-figures.tsx";
import { HowToCall } from "./how-to-call.tsx";
import { Keys } from "./keys/keys.tsx";
import { useEndpoint } from "./queries.ts";
import { Replicas } from "./replicas.tsx";
import { Shadow } from "./shadow.tsx";
import { TrafficPanel } from "./traffic-panel.tsx";
import { TryIt } from "./try-it.tsx";
import { Versions } from "./versions.tsx";

/** One endpoint: what answers it, how its traffic is shared, who may call it, and how. */
export function EndpointPage({ name }: { name: string }) {
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
          <Versions endpoint={found} />
          {found.bindings.length > 0 && (
            <>
              <TrafficPanel endpoint={found} />
              <Canary endpoint={found} />
              <Shadow endpoint={found} />
              <Replicas endpoint={found} />
            </>
          )}
          <EndpointFigures name={found.name} />
          {found.bindings.length > 0 && <BatchInferences endpoint={found} />}
          <Keys endpoint={found} />
          <HowToCall endpoint={found} />
          <TryIt endpoint={found} />
        </Page>
      )}
    </PageOf>
  );
}
