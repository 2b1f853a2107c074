import { DomainError } from "@podium/shared";
import type { Tx } from "../../platform/database.ts";
import type { EndpointRow } from "../store.ts";
import { lockLiveRollout } from "./store.ts";

/** One hand at a time: while a canary moves the traffic, people stop it first. @throws DomainError `conflict` */
export async function refuseDuringRollout(tx: Tx, endpoint: Pick<EndpointRow, "id" | "name">): Promise<void> {
  if (!(await lockLiveRollout(tx, endpoint.id))) return;
  throw new DomainError(
    "conflict",
    `A canary of "${endpoint.name}" is under way and sets its traffic. End it first: podium endpoint canary ${endpoint.name} --abort`,
  );
}
