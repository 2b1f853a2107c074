import { environmentManifest } from "@podium/shared";
import type { TestHub } from "./test-hub.ts";
import { type Files, wheel } from "./wheel.ts";

export type { Files } from "./wheel.ts";

/** The key that the hub would give the environment of these files. */
export function keyOf(hub: TestHub, codeTree: string, image: string | null = null): string {
  const manifest = environmentManifest(image, hub.trees.get(codeTree)?.entries ?? []);
  if (manifest === null) throw new Error("These files install nothing.");
  return new Bun.CryptoHasher("sha256").update(manifest).digest("hex");
}

/** A package `greet` with one module, as a wheel in the code's folder `wheels`. */
export function greet(version = "1.0"): Files {
  return wheel("greet", version, { "greet.py": `def hello():\n    return "hello from ${version}"\n` });
}
