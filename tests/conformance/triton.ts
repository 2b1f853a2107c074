import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "triton_client.py");

/** Runs the public Python client against models of a gateway. Throws with what it printed when something was wrong. */
export async function runTritonClient(python: string, address: string, key: string, models: string[]) {
  const client = Bun.spawn([python, SCRIPT, address, key, ...models], { stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([
    new Response(client.stdout).text(),
    new Response(client.stderr).text(),
    client.exited,
  ]);
  if (code !== 0) throw new Error(`tritonclient: exit code ${code}\n${output}${errors}`);
}
