import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { Endpoint } from "../../api/types.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Field } from "../../ui/field.tsx";
import { Facts, Section } from "../../ui/page.tsx";
import { notJson, type Tried, tryCall } from "./try-call.ts";

/** A form that calls the endpoint from this page, with a key that stays on it. */
export function TryIt({ endpoint }: { endpoint: Endpoint }) {
  const [key, setKey] = useState("");
  const [body, setBody] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const id = useId();
  const url = endpoint.urls[0];
  const call = useMutation({ mutationFn: () => tryCall(url ?? "", key.trim(), body) });
  if (url === undefined) return null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    const problem = notJson(body);
    setWrong(problem);
    if (problem === null) call.mutate();
  };
  return (
    <Section title="Try it">
      <form onSubmit={send} aria-label="Try it" className="form">
        {!endpoint.public && (
          <Field
            label="Key"
            type="password"
            autoComplete="off"
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
            hint="It is sent to the gateway alone and kept nowhere."
          />
        )}
        <div className="field">
          <label htmlFor={id}>Body</label>
          <textarea
            id={id}
            rows={5}
            required
            spellCheck={false}
            value={body}
            aria-invalid={wrong !== null}
            aria-describedby={`${id}-wrong`}
            onChange={(event) => setBody(event.target.value)}
            placeholder="One row as JSON, or a list of rows"
          />
          <small id={`${id}-wrong`} className="hint" role="status">
            {wrong === null ? "" : `This is not JSON: ${wrong}`}
          </small>
        </div>
        <p>
          <button type="submit" className="button" disabled={call.isPending}>
            Send
          </button>
        </p>
      </form>
      {call.error && <NotReached name={endpoint.name} url={url} />}
      {call.data && <Answer tried={call.data} />}
    </Section>
  );
}

function NotReached({ name, url }: { name: string; url: string }) {
  return (
    <div className="notice notice-bad" role="alert">
      <p className="notice-text">
        The browser got no answer from {new URL(url).host}. Either it can't be reached from here, or this page
        was opened at another address than the hub's own, whose pages may call every endpoint: open it there
        (PODIUM_PUBLIC_URL), let {window.location.origin} be one of the CORS origins of {name}, or copy the
        call above into a terminal.
      </p>
    </div>
  );
}

function Answer({ tried: { status, timing, requestId, body } }: { tried: Tried }) {
  return (
    <div role="status">
      <Facts
        facts={[
          ["Status", String(status)],
          ...(requestId ? [["Request", <code key="id">{requestId}</code>] as const] : []),
          ...(timing ? [["Server-Timing, ms", <code key="timing">{timing}</code>, "wide"] as const] : []),
        ]}
      />
      <CodeBlock label="Answer" code={body} />
    </div>
  );
}
