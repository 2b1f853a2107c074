import { join } from "node:path";
import { type Assignment, type Device, sharedMemoryBytes } from "@podium/shared";
import type { Env } from "../env.ts";
import type { LaunchSpec } from "../executors/executor.ts";
import { onnxCommand } from "../serving/onnx/command.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import { allPlaces, type SessionPlaces } from "./places.ts";
import { sessionEnvironment } from "./session-environment.ts";

/** What an executor is told of an attempt whose files and image are there. */
export function launchSpec(
  env: Env,
  assignment: Assignment,
  folder: AttemptFolder,
  places: SessionPlaces,
  machine: { devices: readonly Device[] },
  image: string | null,
): LaunchSpec {
  const devices = machine.devices.filter((device) => assignment.devices.includes(device.index));
  const { cpu_milli, memory_bytes } = assignment.resources;
  return {
    attempt_id: assignment.attempt_id,
    folder: folder.root,
    output_log: folder.output_log,
    image,
    python: places.environment && join(places.environment.inside, "bin/python"),
    ...(onnxCommand(assignment, places) ?? {
      argv: ["-m", "podium", assignment.entrypoint, ...assignment.args],
    }),
    cwd: places.code.inside,
    env: sessionEnvironment(assignment, folder, places, devices),
    places: allPlaces(places),
    ...networkOf(assignment, env),
    devices,
    cpu_milli,
    memory_bytes,
    shm_bytes: sharedMemoryBytes(assignment.resources),
    max_processes: env.PODIUM_MAX_PROCESSES,
    background: assignment.session.kind !== "serve",
  };
}

/** Members of a gang get the network that the operator has set for them; nobody else gets any. */
function networkOf({ gang }: Assignment, env: Env): Pick<LaunchSpec, "network" | "port"> {
  const network = gang ? env.PODIUM_GANG_NETWORK : undefined;
  if (!gang || network === undefined) return { network: null };
  const port = gang.members[gang.rank]?.port;
  return network === "host" || port === undefined ? { network } : { network, port };
}
