import { reasonOf, statusOf } from "./daemon.ts";

/**
 * Makes a container and starts it. Where the daemon fails before any program of it has run, both are done once more, as some
 * starts on a busy machine fail for reasons of the daemon's own ("/sbin/docker-init: permission denied").
 * @param make in place of what it made before
 * @param onFailure hears why the first start failed
 */
export async function startAgain(
  make: () => Promise<unknown>,
  start: () => Promise<unknown>,
  onFailure: (reason: string) => void,
): Promise<void> {
  await make();
  try {
    await start();
  } catch (error) {
    if (statusOf(error) === null || !reasonOf(error).includes("failed to create shim task")) throw error;
    onFailure(reasonOf(error));
    await make();
    await start();
  }
}
