import { join, normalize } from "node:path";
import { type Assignment, DomainError } from "@podium/shared";
import { ENVIRONMENT_INSIDE } from "../environments/build.ts";
import type { Place } from "../executors/executor.ts";
import { type OnnxPlaces, type OnnxProgram, onnxPlaces } from "../serving/onnx/program.ts";
import type { AttemptFolder } from "./attempt-folder.ts";

/** What a session finds where. Datasets lie in `/data/NAME` and the code in `/app`, as NSML's scripts expect. */
export interface SessionPlaces {
  code: Place;
  home: Place;
  tmp: Place;
  output: Place;
  loaded: Place;
  socket: Place;
  sdk: Place;
  /** What the code has installed. */
  environment: Place | null;
  datasets: (Place & { name: string; tree_id: string })[];
  checkpoint: Place | null;
  input: Place | null;
  /** Where the model is an ONNX file. */
  onnx: OnnxPlaces | null;
}

export interface PlacesInput {
  folder: AttemptFolder;
  assignment: Assignment;
  /** False when sessions see this machine's own paths. */
  confined: boolean;
  sdkPath: string;
  treePath: (treeId: string) => string;
  /** Where the session's environment lies on this machine, if it has one. */
  environmentPath: string | null;
  onnx: OnnxProgram | null;
}

/** Throws `invalid_request` when a dataset's name can't be a folder's. */
export function sessionPlaces({
  folder,
  assignment,
  confined,
  sdkPath,
  treePath,
  environmentPath,
  onnx,
}: PlacesInput): SessionPlaces {
  const place = (host: string, inside: string, writable = false): Place => ({
    host,
    inside: confined ? inside : host,
    writable,
  });
  return {
    code: place(folder.code, "/app", true),
    home: place(folder.home, "/home/session", true),
    tmp: place(folder.tmp, "/tmp", true),
    output: place(folder.output, "/output", true),
    loaded: place(folder.loaded, "/loaded"),
    socket: place(folder.socket_folder, "/run/podium"),
    sdk: place(sdkPath, "/opt/podium/sdk"),
    environment: environmentPath === null ? null : place(environmentPath, ENVIRONMENT_INSIDE),
    datasets: assignment.datasets.map(({ name, tree_id }) => ({
      ...place(treePath(tree_id), `/data/${folderName(name)}`),
      name,
      tree_id,
    })),
    checkpoint: assignment.checkpoint && place(treePath(assignment.checkpoint.tree_id), "/checkpoint"),
    input: assignment.input && place(treePath(assignment.input.tree_id), "/input"),
    onnx: onnx && onnxPlaces(onnx, place),
  };
}

/** All of them, in the order in which they are mounted. */
export function allPlaces(places: SessionPlaces): Place[] {
  const { code, home, tmp, output, loaded, socket, sdk, datasets } = places;
  const optional = [places.environment, places.checkpoint, places.input].filter((place) => place !== null);
  const server = places.onnx ? Object.values(places.onnx) : [];
  return [code, home, tmp, output, loaded, socket, sdk, ...datasets, ...optional, ...server];
}

/** Where a folder that the session named lies on this machine. Throws unless it is one the session may write to. */
export function hostPath(places: SessionPlaces, inside: string): { path: string; root: string } {
  const wanted = normalize(inside);
  for (const place of [places.code, places.home, places.tmp, places.output]) {
    if (inside.includes("\0")) break;
    if (wanted === place.inside || wanted.startsWith(`${place.inside}/`)) {
      return { path: join(place.host, wanted.slice(place.inside.length)), root: place.host };
    }
  }
  throw new DomainError(
    "invalid_request",
    "Save into a folder of the session: below its code, home or temporary folder.",
  );
}

function folderName(name: string): string {
  const parts = name.split("/");
  if (parts.every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part))) return name;
  throw new DomainError("invalid_request", `The dataset name "${name}" can't be the name of a folder.`);
}
