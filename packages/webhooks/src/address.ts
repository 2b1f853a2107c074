import { BlockList, isIP } from "node:net";

// IANA's special-purpose registries: nothing there is somebody's public server.
const V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;
/** Of the public IPv6 range: what leads on to IPv4 addresses (Teredo, 6to4), and what is for documents. */
const V6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const refused = new BlockList();
for (const [net, bits] of V4) refused.addSubnet(net, bits, "ipv4");
for (const [net, bits] of V6) refused.addSubnet(net, bits, "ipv6");
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");

/** True for addresses of the public internet: not of this machine, its network, or a cloud's metadata service. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, "ipv4");
  // Mapped and translated IPv4 addresses lie outside the global range, so they are refused with it.
  return family === 6 && global6.check(address, "ipv6") && !refused.check(address, "ipv6");
}
