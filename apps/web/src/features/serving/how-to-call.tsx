import type { Endpoint } from "../../api/types.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Section } from "../../ui/page.tsx";
import { Empty } from "../../ui/states.tsx";
import { curlFor } from "./traffic.ts";

/** The call to copy. */
export function HowToCall({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.urls.length === 0) {
    return (
      <Section title="How to call it">
        <Empty title="No gateway is up">
          The address appears here once a gateway has reported to the hub. Ask the operator to start one.
        </Empty>
      </Section>
    );
  }
  return (
    <Section title="How to call it">
      <p className="prose">
        Send one row as a JSON value, or many as a JSON array. Each comes back as the model's{" "}
        <code>infer</code> answers it. With <code>Prefer: respond-async</code> a call becomes a job, which is
        asked for later.
      </p>
      {endpoint.urls.map((url) => (
        <CodeBlock key={url} label={new URL(url).host} code={curlFor(url, endpoint.public)} />
      ))}
    </Section>
  );
}
