import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { ApiToken } from "../../api/types.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { Empty, ProblemNotice, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";

const tokensKey = ["tokens"] as const;

/** API tokens: for the command line and for programs. A new one is shown once. */
export function Tokens() {
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: tokensKey, queryFn: () => bodyOf(api.GET("/api/v1/tokens")) });
  const create = useMutation({
    mutationFn: (name: string) => bodyOf(api.POST("/api/v1/tokens", { body: { name } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    create.mutate(String(new FormData(form).get("name")), { onSuccess: () => form.reset() });
  };

  return (
    <Section title="API tokens">
      <p className="prose">
        A token lets a program act as you. Keep it secret; delete it when it is no longer needed.
      </p>
      <form className="form-row" onSubmit={submit}>
        <Field label="What it is for" name="name" placeholder="my laptop" required maxLength={100} />
        <button type="submit" className="button primary" disabled={create.isPending}>
          Make a token
        </button>
      </form>
      {create.error && <ProblemNotice error={create.error} />}
      {create.data && (
        <CodeBlock
          label={`Token “${create.data.name}”: copy it now, it is not shown again`}
          code={create.data.token}
        />
      )}
      <Show answer={tokens} what="tokens">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No tokens yet">Make one above to use the command line or the API.</Empty>
          ) : (
            <TokenTable tokens={items} />
          )
        }
      </Show>
    </Section>
  );
}

function TokenTable({ tokens }: { tokens: readonly ApiToken[] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => bodyOf(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
  return (
    <>
      {remove.error && <ProblemNotice error={remove.error} />}
      <TableScroll label="API tokens">
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th>Begins with</th>
              <th>Made</th>
              <th>Ends</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <tr key={token.id}>
                <td>{token.name}</td>
                <td>
                  <code>{token.start}…</code>
                </td>
                <td>
                  <Time at={token.created_at} />
                </td>
                <td>{token.expires_at ? <Time at={token.expires_at} /> : "never"}</td>
                <td className="end">
                  <button
                    type="button"
                    className="button small"
                    aria-label={`Delete token ${token.name}`}
                    disabled={remove.isPending}
                    onClick={() => remove.mutate(token.id)}
                  >
                    Delete
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </>
  );
}
