import { createAuth } from "../accounts/index.ts";
import * as accountTables from "../accounts/schema.ts";
import { createAttemptLimiter } from "../platform/attempt-limiter.ts";
import * as teamTables from "../teams/schema.ts";
import type { TestContext } from "./context.ts";

/** better-auth as the hub wires it, and a limiter on the test's clock. */
export function authOf(ctx: TestContext) {
  const {
    users: user,
    logins: session,
    credentials: account,
    verifications: verification,
    apiTokens: apikey,
  } = accountTables;
  const { teams: organization, members: member, invitations: invitation } = teamTables;
  const schema = { user, session, account, verification, apikey, organization, member, invitation };
  const auth = createAuth({ db: ctx.db, ids: ctx.ids, log: ctx.log, ...ctx.settings, schema });
  return { auth, attempts: createAttemptLimiter(ctx.clock, 900_000) };
}

let counter = 0;

/** What somebody signs up with. */
export function newcomer() {
  const name = `newcomer-${process.pid.toString(36)}-${++counter}`;
  return { name, email: `${name}@podium.test`, password: "a-password-of-mine" };
}
