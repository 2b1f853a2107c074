import type { GatewayNews } from "@podium/shared";

/**
 * The gateways that are up, this one included, as the hub last told. Limits are divided among them: each gateway
 * holds its part without asking anybody, and the parts never make more than the whole.
 */
export class Fleet {
  /** at least 1: this gateway */
  size = 1;
  /** origins of the hub's own pages */
  pages: ReadonlySet<string> = new Set();
  #addresses = new Map<string, string>();

  apply({ gateways, pages = [] }: GatewayNews) {
    this.pages = new Set(pages);
    this.size = Math.max(1, gateways.length);
    this.#addresses = new Map(gateways.map(({ id, url }) => [id, url]));
  }

  /** Where another gateway is reached, `http://…`; undefined when it is not up. */
  addressOf(gatewayId: string): string | undefined {
    return this.#addresses.get(gatewayId);
  }
}
