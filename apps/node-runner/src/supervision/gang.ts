import type { Gang, NodeCapacity } from "@podium/shared";
import type { Env } from "../env.ts";
import type { ExecutorName } from "../executors/executor.ts";

/**
 * Where members of gangs on this machine can be reached; undefined unless its operator lets them in by saying both an
 * address and a network. Throws one readable line when one of the two is missing or can't be had.
 */
export function gangPlace(
  { PODIUM_GANG_ADDRESS: address, PODIUM_GANG_NETWORK: network, PODIUM_GANG_PORTS: ports }: Env,
  executor: ExecutorName,
): NodeCapacity["gangs"] {
  if (address === undefined && network === undefined) return undefined;
  if (address === undefined || network === undefined)
    throw new Error(
      "Bad configuration: PODIUM_GANG_ADDRESS and PODIUM_GANG_NETWORK go together: the address of this machine for other nodes, and the network that members of gangs get.",
    );
  if (executor === "process" && network !== "host")
    throw new Error(
      `Bad configuration: PODIUM_GANG_NETWORK is ${network}, a network of Docker, but sessions run as processes here; say host, or leave it out.`,
    );
  return { address, first_port: ports.first, last_port: ports.last };
}

/** By what a script finds the other members: Podium's own names, and those that launchers of PyTorch and others set. */
export function gangVariables({ rank, members }: Gang): Record<string, string> {
  const [first] = members;
  return {
    PODIUM_RANK: String(rank),
    PODIUM_WORLD: String(members.length),
    PODIUM_MEMBERS: JSON.stringify(members),
    RANK: String(rank),
    WORLD_SIZE: String(members.length),
    // A member sees no devices but its own, wherever the others are.
    LOCAL_RANK: "0",
    ...(first && { MASTER_ADDR: first.address, MASTER_PORT: String(first.port) }),
  };
}
