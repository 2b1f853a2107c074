import { BlockList, isIP } from "node:net";

/** How many addresses of X-Forwarded-For are looked at, from its end. */
const MAX_HOPS = 20;

/**
 * Finds out where a request comes from: the peer, or where the peer is a trusted proxy, the last address of
 * X-Forwarded-For that is none. What a caller writes there himself stands before it and is not believed.
 * @param trusted addresses and networks, such as `10.0.0.0/8`. Throws when one is neither.
 */
export function callerAddress(
  trusted: readonly string[],
): (peer: string, forwarded: string | null) => string {
  const list = new BlockList();
  for (const text of trusted) add(list, text);
  const isTrusted = (address: string) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
  };
  return (peer, forwarded) => {
    if (trusted.length === 0 || forwarded === null || !isTrusted(plain(peer))) return plain(peer);
    const hops = forwarded.split(",").slice(-MAX_HOPS);
    let last = plain(peer);
    for (const hop of hops.reverse()) {
      const address = plain(hop.trim());
      if (isIP(address) === 0) return last;
      last = address;
      if (!isTrusted(address)) return address;
    }
    return last;
  };
}

/** An IPv4 address that a socket of both families shows as IPv6, as itself. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}

function add(list: BlockList, text: string) {
  const [address = "", bits] = text.split("/");
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  const length = bits === undefined ? widest : Number(bits);
  if (family === 0 || !Number.isInteger(length) || length < 0 || length > widest)
    throw new Error(`"${text}" is neither an address nor a network such as 10.0.0.0/8`);
  list.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6");
}
