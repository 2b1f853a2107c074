import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../stack/ports.ts";
import { Service } from "../stack/service.ts";
import { watchdog } from "../stack/watchdog.ts";
import { requires } from "./requires.ts";

/** Starts a throw-away S3 server (moto) with one empty bucket. Throws when `requires("s3")` says that there is none. */
export async function startS3Server() {
  const { path, reason } = requires("s3");
  if (path === undefined) throw new Error(reason);
  const home = mkdtempSync(join(tmpdir(), "podium-s3-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const service = new Service(
    {
      name: "s3",
      command: [path, "-H", "127.0.0.1", "-p", `${port}`],
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: home },
      logPath: join(home, "s3.log"),
      stopSignal: "SIGTERM",
      graceMs: 5_000,
      isReady: () => fetch(`${endpoint}/moto-api/`).then(Boolean, () => false),
      onSpawn: (pid) => watchdog(pid, `${port}`, ["TERM"]),
      terminalLine: () => undefined,
    },
    () => undefined,
  );
  await service.start();
  const made = await fetch(`${endpoint}/podium-blobs`, { method: "PUT" });
  if (!made.ok) throw new Error(`The S3 server made no bucket: ${await made.text()}`);
  return {
    settings: {
      endpoint,
      bucket: "podium-blobs",
      accessKeyId: "a-key",
      secretAccessKey: "a-secret-of-nobody",
      region: "us-east-1",
      prefix: "",
    },
    async stop() {
      await service.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
