import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import { Link, navigate, useLocation } from "../../router/router.tsx";
import { Field } from "../../ui/field.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Entrance } from "./entrance.tsx";
import { refetchMe } from "./me.ts";
import { safeNext } from "./next.ts";

/** Log-in with e-mail and password; afterwards one is where one wanted to go. */
export function SignIn() {
  const { query } = useLocation();
  const next = safeNext(query.get("next"));
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      bodyOf(api.POST("/api/v1/auth/sign-in", { body })),
    onSuccess: async () => {
      await refetchMe(client);
      navigate(next, { replace: true });
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ email: String(form.get("email")), password: String(form.get("password")) });
  };

  return (
    <Entrance title="Log in">
      <form className="form" onSubmit={submit}>
        <Field label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        {signIn.error && <ProblemNotice error={signIn.error} />}
        <button type="submit" className="button primary wide" disabled={signIn.isPending}>
          {signIn.isPending ? "Logging in…" : "Log in"}
        </button>
      </form>
      <p className="entrance-other">
        New here?{" "}
        <Link to={`/sign-up${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`}>Make an account</Link>
      </p>
    </Entrance>
  );
}
