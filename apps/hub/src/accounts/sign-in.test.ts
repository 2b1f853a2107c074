import { expect, test } from "bun:test";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { signIn } from "./sign-in.ts";
import { signUp } from "./sign-up.ts";

const address = "192.0.2.1";

test("the right password logs in; a wrong one and an unknown address are answered alike", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth, attempts } = authOf(ctx);
    const somebody = newcomer();
    const { userId } = await signUp(ctx, auth, somebody);
    const { email, password } = somebody;

    expect(await signIn(auth, attempts, { email, password, address })).toMatchObject({ userId });

    const refusals = [
      { email, password: "a-wrong-password", address },
      { email: "nobody@podium.test", password, address },
    ].map((input) =>
      signIn(auth, attempts, input).catch((error: { code: string; message: string }) => error),
    );
    const [wrong, unknown] = await Promise.all(refusals);
    expect(wrong).toMatchObject({ code: "unauthenticated" });
    expect(unknown).toMatchObject({
      code: "unauthenticated",
      message: (wrong as { message: string }).message,
    });
  }));

test("after ten wrong passwords even the right one has to wait, from this address alone", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth, attempts } = authOf(ctx);
    const { email, password, name } = newcomer();
    await signUp(ctx, auth, { email, password, name });
    for (let attempt = 0; attempt < 10; attempt++) {
      await signIn(auth, attempts, { email, password: "a-wrong-password", address }).catch(() => undefined);
    }

    await expect(signIn(auth, attempts, { email, password, address })).rejects.toMatchObject({
      code: "limit_reached",
    });
    expect(await signIn(auth, attempts, { email, password, address: "192.0.2.2" })).toHaveProperty("userId");

    ctx.clock.advance(900_000);
    expect(await signIn(auth, attempts, { email, password, address })).toHaveProperty("userId");
  }));
