import { useMutation } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { Endpoint, Me } from "../../api/types.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Section } from "../../ui/page.tsx";
import { Empty, ProblemNotice } from "../../ui/states.tsx";
import { curlFor } from "./traffic.ts";

/** The call to copy, and for the endpoint's team a way to make a key. */
export function HowToCall({ me, endpoint }: { me: Me; endpoint: Endpoint }) {
  const mine = me.role === "admin" || me.teams.some((team) => team.slug === endpoint.team);
  const make = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/endpoints/{name}/keys", {
          params: { path: { name: endpoint.name } },
          body: { name: `made by ${me.name}` },
        }),
      ),
  });
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
    <Section
      title="How to call it"
      side={
        !endpoint.public &&
        mine && (
          <button
            type="button"
            className="button small"
            onClick={() => make.mutate()}
            disabled={make.isPending}
          >
            Make a key
          </button>
        )
      }
    >
      {make.error && <ProblemNotice error={make.error} />}
      {make.data && <CodeBlock label="New key: copy it now, it is not shown again" code={make.data.key} />}
      <p className="prose">
        Send one row as a JSON value, or many as a JSON array. Each comes back as the model's{" "}
        <code>infer</code> answers it.
      </p>
      {endpoint.urls.map((url) => (
        <CodeBlock key={url} label={new URL(url).host} code={curlFor(url, endpoint.public, make.data?.key)} />
      ))}
    </Section>
  );
}
