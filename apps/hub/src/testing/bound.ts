import type { TestContext } from "./context.ts";
import { makeMember, makeNode } from "./factories.ts";
import { makeBinding, makeEndpoint } from "./serving.ts";

/** A member's endpoint with a model bound to it, for which no node has room yet. @param input of the binding */
export async function makeBound(ctx: TestContext, input: Record<string, unknown> = {}, credits = 100) {
  const member = await makeMember(ctx, "participant", credits);
  const endpoint = await makeEndpoint(member);
  const binding = await makeBinding(member, endpoint, input);
  return { member, endpoint, binding };
}

/** As `makeBound`, on a node that is loading the model. */
export async function makePlaced(...args: Parameters<typeof makeBound>) {
  const bound = await makeBound(...args);
  await makeNode(args[0]);
  await bound.binding.place();
  return bound;
}

/** As `makePlaced`, and the model answers. */
export async function makeReady(...args: Parameters<typeof makeBound>) {
  const bound = await makePlaced(...args);
  await bound.binding.loaded();
  return bound;
}
