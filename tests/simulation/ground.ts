import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import { type Ground, makeGround } from "./simulation.ts";

/** A database for simulations, on a throw-away server that the caller may make databases on. */
export async function withGround<T>(
  server: string,
  name: string,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const connection = await OneConnection.create(server, name);
  const ground = await makeGround(connection);
  try {
    return await work(ground);
  } finally {
    await connection.close();
    rmSync(dirname(ground.base.localFolder), { recursive: true, force: true });
  }
}
