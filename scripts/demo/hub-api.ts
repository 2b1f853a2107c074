import { z } from "zod";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

const logInSchema = z.object({ token: z.string() });

/** A GET of the public API with a person's token, for what no command shows. */
export async function answerOf(world: World, person: Person, path: string): Promise<unknown> {
  const { token } = logInSchema.parse(await Bun.file(person.configPath).json());
  const response = await fetch(`${world.stack.hubUrl}/api/v1${path}`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: world.signal,
  });
  if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}: ${await response.text()}`);
  return response.json();
}
