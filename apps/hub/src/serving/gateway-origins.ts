import type { Context } from "../platform/context.ts";
import { gatewaysUp } from "./describe.ts";

/** Where the gateways that are up are called: a page may send a request to these. None while the database is away. */
export async function gatewayOrigins(ctx: Context): Promise<string[]> {
  try {
    const urls = (await gatewaysUp(ctx)).map(({ publicUrl }) => new URL(publicUrl).origin);
    return [...new Set(urls)];
  } catch (error) {
    ctx.log.warn({ err: error }, "The gateways can't be read: the page can't call them.");
    return [];
  }
}
