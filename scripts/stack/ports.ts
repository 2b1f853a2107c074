import { createServer } from "node:net";

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

export function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** The given port if it is free, else an error that names it; any free port when none is given. */
export async function choosePort(
  given: number | undefined,
  what: string,
  host = "127.0.0.1",
): Promise<number> {
  if (given === undefined) return freePort();
  if (await isPortFree(given, host)) return given;
  throw new Error(
    `Port ${given} (${what}) is in use by another program: stop it, or choose another port (PODIUM_${what.toUpperCase()}_PORT).`,
  );
}
