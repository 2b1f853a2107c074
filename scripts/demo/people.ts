import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DemoScript } from "../../examples/lib/demo-script.ts";
import type { Stack } from "../stack/stack.ts";
import { Person } from "./person.ts";

export interface People {
  admin: Person;
  organizer: Person;
  participants: Map<string, Person>;
}

/** Everyone in the demo, each with a log-in of their own and one password that is made anew each time. */
export async function makePeople(
  folder: string,
  stack: Stack,
  script: DemoScript,
  signal: AbortSignal,
): Promise<People> {
  const configFolder = join(folder, "log-ins");
  await rm(configFolder, { recursive: true, force: true });
  await mkdir(configFolder, { recursive: true, mode: 0o700 });
  const password = randomBytes(12).toString("base64url");
  const person = (name: string, email: string, secret: string) =>
    new Person({ name, email, password: secret }, { configFolder, hubUrl: stack.hubUrl, signal });
  const member = (name: string) => person(name, `${name}@podium.example`, password);
  return {
    admin: person("admin", stack.admin.email, stack.admin.password),
    organizer: member("organizers"),
    participants: new Map(script.participants.map(({ team }) => [team, member(team)])),
  };
}
