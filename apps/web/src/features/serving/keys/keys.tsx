import { useState } from "react";
import type { Endpoint } from "../../../api/types.ts";
import { count } from "../../../format/numbers.ts";
import { CodeBlock } from "../../../ui/copy.tsx";
import { Section, TableScroll } from "../../../ui/page.tsx";
import { Empty, Show } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { type EndpointKey, useEndpointKeys } from "../queries.ts";
import { KeyForm } from "./key-form.tsx";
import { RevokeKey } from "./revoke-key.tsx";
import { RotateKey } from "./rotate-key.tsx";
import type { Secret } from "./secret.ts";

/** The keys of an endpoint: what each opens and how much it has called; made, given new secrets and revoked here. */
export function Keys({ endpoint }: { endpoint: Endpoint }) {
  const keys = useEndpointKeys(endpoint.name);
  const [secret, setSecret] = useState<Secret | null>(null);
  return (
    <Section title="Keys">
      {secret && (
        <CodeBlock label={`Key “${secret.name}”: copy it now, it is not shown again`} code={secret.text} />
      )}
      <Show answer={keys} what="the keys">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No keys yet">
              {endpoint.public ? "Anyone may call it without one." : "Nobody can call it until there is one."}
            </Empty>
          ) : (
            <KeyTable name={endpoint.name} keys={items} onSecret={setSecret} />
          )
        }
      </Show>
      <KeyForm name={endpoint.name} onSecret={setSecret} />
      <p className="hint">
        Keys of the team that open all of its endpoints are not listed here:{" "}
        <code>podium endpoint key ls --team {endpoint.team}</code>
      </p>
    </Section>
  );
}

interface TableProps {
  name: string;
  keys: readonly EndpointKey[];
  onSecret: (secret: Secret) => void;
}

function KeyTable({ name, keys, onSecret }: TableProps) {
  return (
    <TableScroll label="Keys">
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Opens</th>
            <th>Limits</th>
            <th className="number">Calls today</th>
            <th>Last used</th>
            <th>Ends</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td>{key.name}</td>
              <td>
                {key.scopes.join(", ")}
                {key.versions && <span className="under">version {key.versions.join(", ")} alone</span>}
              </td>
              <td>{limitsOf(key)}</td>
              <td className="number">{count(key.calls_today)}</td>
              <td>{key.last_used_at ? <Time at={key.last_used_at} /> : "never"}</td>
              <td>
                {key.expires_at ? <Time at={key.expires_at} /> : "never"}
                {key.old_secret_until && (
                  <span className="under">
                    old secret: <Time at={key.old_secret_until} />
                  </span>
                )}
              </td>
              <td className="end">
                <span className="buttons">
                  <RotateKey endpoint={name} of={key} onSecret={onSecret} />
                  <RevokeKey endpoint={name} of={key} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function limitsOf({ rate, calls_per_day, calls_per_month, calls_this_month }: EndpointKey): string {
  const limits = [
    ...(rate ? [`${rate.per_second}/s`] : []),
    ...(calls_per_day === null ? [] : [`${count(calls_per_day)} a day`]),
    ...(calls_per_month === null
      ? []
      : [`${count(calls_this_month)} of ${count(calls_per_month)} this month`]),
  ];
  return limits.join(", ") || "none";
}
