import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import { Link, navigate, useLocation } from "../../router/router.tsx";
import { Field } from "../../ui/field.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Entrance } from "./entrance.tsx";
import { refetchMe } from "./me.ts";
import { safeNext } from "./next.ts";

/** Makes an account, logs in and goes where one wanted to go. */
export function SignUp() {
  const { query } = useLocation();
  const next = safeNext(query.get("next"));
  const client = useQueryClient();
  const signUp = useMutation({
    mutationFn: (body: { email: string; password: string; name: string }) =>
      bodyOf(api.POST("/api/v1/auth/sign-up", { body })),
    onSuccess: async () => {
      await refetchMe(client);
      navigate(next, { replace: true });
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name));
    signUp.mutate({ email: text("email"), password: text("password"), name: text("name") });
  };

  return (
    <Entrance title="Make an account">
      <form className="form" onSubmit={submit}>
        <Field
          label="Name"
          name="name"
          hint="Lower-case letters, digits and hyphens. It also names your personal team."
          pattern="[a-z0-9]([a-z0-9\-]{0,62}[a-z0-9])?"
          autoComplete="nickname"
          required
          autoFocus
        />
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <Field
          label="Password"
          name="password"
          type="password"
          hint="At least 10 characters."
          minLength={10}
          maxLength={200}
          autoComplete="new-password"
          required
        />
        {signUp.error && <ProblemNotice error={signUp.error} />}
        <button type="submit" className="button primary wide" disabled={signUp.isPending}>
          {signUp.isPending ? "Making the account…" : "Make the account"}
        </button>
      </form>
      <p className="entrance-other">
        Have one already?{" "}
        <Link to={`/sign-in${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`}>Log in</Link>
      </p>
    </Entrance>
  );
}
