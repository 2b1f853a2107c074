import { join } from "node:path";
import type { Assignment, Device } from "@podium/shared";
import type { AttemptFolder } from "./attempt-folder.ts";
import { gangVariables } from "./gang.ts";
import type { SessionPlaces } from "./places.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The whole environment of a session's process; docs/reference/protocols.md lists it. Nothing else is inherited. */
export function sessionEnvironment(
  assignment: Assignment,
  folder: AttemptFolder,
  places: SessionPlaces,
  devices: readonly Device[],
): Record<string, string> {
  const { session, checkpoint, input, gang } = assignment;
  const dataset = places.datasets[0];
  return {
    PATH: places.environment ? `${join(places.environment.inside, "bin")}:${PATH}` : PATH,
    ...(places.environment && { VIRTUAL_ENV: places.environment.inside }),
    LANG: "C.UTF-8",
    HOME: places.home.inside,
    TMPDIR: places.tmp.inside,
    PYTHONPATH: places.sdk.inside,
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    PODIUM_ATTEMPT: assignment.attempt_id,
    PODIUM_SOCKET: join(places.socket.inside, folder.socket.slice(folder.socket_folder.length)),
    PODIUM_MODE: session.kind === "score" ? "train" : session.kind,
    PODIUM_SESSION: session.name,
    PODIUM_OUTPUT_PATH: places.output.inside,
    PODIUM_GPUS: devices.map((device) => device.index).join(","),
    PODIUM_RANK: "0",
    PODIUM_WORLD: "1",
    ...(gang && gangVariables(gang)),
    ...(devices.length > 0 && { PODIUM_GPU_MILLI: String(assignment.resources.gpu_milli) }),
    CUDA_VISIBLE_DEVICES: devices.map((device) => device.uuid).join(","),
    ...(dataset && {
      PODIUM_DATASET_PATH: dataset.inside,
      PODIUM_DATASET_NAME: dataset.name,
      NSML_DATASET_PATH: dataset.inside,
      NSML_DATASET_NAME: dataset.name,
      PODIUM_DATASETS: JSON.stringify(
        Object.fromEntries(places.datasets.map(({ name, inside }) => [name, inside])),
      ),
    }),
    ...(checkpoint &&
      places.checkpoint && {
        PODIUM_CHECKPOINT: checkpoint.name,
        PODIUM_CHECKPOINT_PATH: places.checkpoint.inside,
        ...(assignment.resumes && { PODIUM_RESUMES: "1" }),
      }),
    ...(input &&
      places.input && {
        PODIUM_INPUT_PATH: places.input.inside,
        PODIUM_ID_FIELD: input.id_field,
        ...(input.each_file && { PODIUM_EACH_FILE: "1" }),
      }),
  };
}
