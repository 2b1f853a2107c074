import { useState } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { type EndpointKey, useEndpointWrite } from "../queries.ts";
import type { Secret } from "./secret.ts";

const OVERLAPS = [
  [0, "ends at once"],
  [3_600, "stays valid for an hour"],
  [86_400, "stays valid for a day"],
  [7 * 86_400, "stays valid for a week"],
] as const;

interface Props {
  endpoint: string;
  of: EndpointKey;
  onSecret: (secret: Secret) => void;
}

/** Gives a key a new secret; the old one may stay valid for a while, so that no caller stands outside. */
export function RotateKey({ endpoint, of: { id, name }, onSecret }: Props) {
  const [asking, setAsking] = useState(false);
  const [overlap, setOverlap] = useState<number>(OVERLAPS[2][0]);
  // The secret is shown as soon as it is there, before the page fetches what has changed: there is no second time.
  const rotate = useEndpointWrite(endpoint, async (overlap_seconds: number) => {
    const params = { path: { name: endpoint, id } };
    const body = { overlap_seconds };
    const made = await bodyOf(api.POST("/api/v1/endpoints/{name}/keys/{id}/rotate", { params, body }));
    onSecret({ name, text: made.key });
    setAsking(false);
  });
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={`Rotate ${name}`}
        onClick={() => setAsking(true)}
      >
        Rotate
      </button>
      {asking && (
        <Confirm
          title={`A new secret for ${name}?`}
          confirm={rotate.isPending ? "Making it…" : "Make a new secret"}
          busy={rotate.isPending}
          error={rotate.error}
          onConfirm={() => rotate.mutate(overlap)}
          onCancel={() => setAsking(false)}
        >
          <p>Everything else of the key stays. The new secret is shown once.</p>
          <div className="field">
            <label htmlFor={`overlap-${id}`}>The old secret</label>
            <select
              id={`overlap-${id}`}
              value={overlap}
              onChange={(event) => setOverlap(Number(event.target.value))}
            >
              {OVERLAPS.map(([seconds, what]) => (
                <option key={seconds} value={seconds}>
                  {what}
                </option>
              ))}
            </select>
          </div>
        </Confirm>
      )}
    </>
  );
}
