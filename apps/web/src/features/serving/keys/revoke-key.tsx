import { useState } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { type EndpointKey, useEndpointWrite } from "../queries.ts";

/** Takes a key back, after asking. */
export function RevokeKey({ endpoint, of: { id, name } }: { endpoint: string; of: EndpointKey }) {
  const [asking, setAsking] = useState(false);
  const revoke = useEndpointWrite(endpoint, () =>
    bodyOf(api.DELETE("/api/v1/endpoints/{name}/keys/{id}", { params: { path: { name: endpoint, id } } })),
  );
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={`Revoke ${name}`}
        onClick={() => setAsking(true)}
      >
        Revoke
      </button>
      {asking && (
        <Confirm
          title={`Revoke ${name}?`}
          confirm={revoke.isPending ? "Revoking…" : "Revoke it"}
          danger
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onCancel={() => setAsking(false)}
        >
          <p>Calls with it are refused within seconds. This can't be undone; its calls stay counted.</p>
        </Confirm>
      )}
    </>
  );
}
