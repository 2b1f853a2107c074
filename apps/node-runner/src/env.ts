import { hostname } from "node:os";
import { resolve } from "node:path";
import { imageSchema } from "@podium/shared";
import { z } from "zod";

const GIB = 1024 ** 3;
const bytes = z.coerce.number().int().positive();

/** The runner's configuration. Every name is an environment variable. */
const envSchema = z.object({
  HUB_URL: z.url({
    protocol: /^https?$/,
    error: "must be the hub's address, such as https://hub.example.org",
  }),
  PODIUM_JOIN_TOKEN: z.string().min(1).optional(),
  PODIUM_NODE_NAME: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/, "must be 1–63 letters, digits, dots, hyphens or underscores")
    .optional(),
  PODIUM_RUNNER_DATA: z.string().min(1).default(".podium/runner"),
  PODIUM_RUNNER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  PODIUM_SDK_PATH: z
    .string()
    .min(1)
    .default(resolve(import.meta.dir, "../../../sdk/python/src")),
  PODIUM_ONNX_PATH: z
    .string()
    .min(1)
    .default(resolve(import.meta.dir, "../../onnx-server"))
    .transform((path) => resolve(path)),
  /** folder of an npm package onnxruntime-node with CUDA in it; else the one of the ONNX server */
  PODIUM_ONNXRUNTIME_PATH: z
    .string()
    .min(1)
    .transform((path) => resolve(path))
    .optional(),
  /** what an ONNX file may take from the start of its process until it serves */
  PODIUM_ONNX_START_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(10 * 60_000),
  PODIUM_PYTHON: z.string().min(1).default("python3"),
  /** uv builds environments where it is installed, else pip does */
  PODIUM_UV: z.string().min(1).optional(),
  PODIUM_BUILD_NETWORK: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "must be none, host, slirp4netns or the name of a Docker network")
    .optional(),
  /** lets members of gangs in: this machine's address for other nodes, the network that they get, their ports there */
  PODIUM_GANG_ADDRESS: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9.:-]{0,252}$/, "must be a host name or an IP address")
    .optional(),
  PODIUM_GANG_NETWORK: z
    .string()
    .regex(
      /^(?!(?:none|default)$)[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
      "must be host or the name of a Docker network through which other nodes are reached",
    )
    .optional(),
  PODIUM_GANG_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, "must be two port numbers such as 29500-29999")
    .default("29500-29999")
    .transform((text) => text.split("-").map(Number))
    .refine(([first = 0, last = 0]) => first >= 1 && first <= last && last <= 65_535, {
      error: "must be two port numbers, the lower one first",
    })
    .transform(([first = 0, last = 0]) => ({ first, last })),
  PODIUM_BUILD_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30 * 60_000),
  PODIUM_BUILD_MEMORY_BYTES: bytes.default(4 * GIB),
  PODIUM_ENVIRONMENTS_BYTES: bytes.default(50 * GIB),
  PODIUM_EXECUTOR: z.enum(["auto", "docker", "process"]).default("auto"),
  PODIUM_SANDBOX: z.enum(["auto", "bubblewrap", "none"]).default("auto"),
  DOCKER_HOST: z
    .string()
    .regex(/^(unix:\/\/\/.+|tcp:\/\/[^/]+:\d+)$/, "must be unix:///path/of/docker.sock or tcp://host:port")
    .default("unix:///var/run/docker.sock"),
  PODIUM_DEFAULT_IMAGE: imageSchema.default("python:3.13-slim"),
  PODIUM_DOCKER_GPUS: z.enum(["request", "runtime"]).default("request"),
  PODIUM_SCRATCH: z.enum(["auto", "volume", "folder"]).default("auto"),
  /** for tests: the runner stops where this name stands in the code */
  PODIUM_FAULT_POINT: z.string().optional(),
  PODIUM_CPU_MILLI: z.coerce.number().int().positive().optional(),
  PODIUM_MEMORY_BYTES: bytes.optional(),
  PODIUM_CACHE_BYTES: bytes.default(50 * GIB),
  PODIUM_SCRUB_BYTES_PER_S: z.coerce
    .number()
    .int()
    .min(0)
    .default(4 * 1024 ** 2),
  PODIUM_MAX_LOG_BYTES: bytes.default(64 * 1024 ** 2),
  PODIUM_MAX_PROCESSES: z.coerce.number().int().positive().default(1024),
  PODIUM_ON_EXIT: z.enum(["stop", "leave"]).default("stop"),
  PODIUM_EXIT_WITH_PARENT: z.stringbool().default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type Env = Omit<z.infer<typeof envSchema>, "PODIUM_NODE_NAME"> & {
  PODIUM_NODE_NAME: string;
  /** What pip and uv are told when they build environments: `PODIUM_PIP_INDEX_URL` becomes `PIP_INDEX_URL`. */
  build_variables: Record<string, string>;
};

/** Parses the environment; throws one readable line that names every variable that is wrong. */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`Bad configuration: ${problems.join("; ")}`);
  }
  return {
    ...parsed.data,
    HUB_URL: parsed.data.HUB_URL.replace(/\/+$/, ""),
    PODIUM_RUNNER_DATA: resolve(parsed.data.PODIUM_RUNNER_DATA),
    PODIUM_SDK_PATH: resolve(parsed.data.PODIUM_SDK_PATH),
    PODIUM_NODE_NAME: parsed.data.PODIUM_NODE_NAME ?? nodeNameOf(hostname()),
    build_variables: buildVariables(given),
  };
}

function buildVariables(given: Record<string, string | undefined>): Record<string, string> {
  const named = Object.entries(given).filter(([name]) => /^PODIUM_(?:PIP|UV)_[A-Z0-9_]+$/.test(name));
  return Object.fromEntries(named.map(([name, value]) => [name.slice("PODIUM_".length), value ?? ""]));
}

/** A host's name in the alphabet that node names allow. */
function nodeNameOf(host: string): string {
  const name = host.replace(/[^a-zA-Z0-9._-]/g, "-").replace(/^[^a-zA-Z0-9]+/, "");
  return name.slice(0, 63) || "node";
}
