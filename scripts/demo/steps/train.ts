import { join } from "node:path";
import { type Session, sessionSchema } from "@podium/shared";
import { check } from "../check.ts";
import { participant, type World } from "../world.ts";

interface Run {
  team: string;
  folder: string;
  args: string;
}

/** A participant pushes their code with `podium run` and watches it until it has ended. */
export async function train(world: World, run: Run, dataset: string): Promise<Session> {
  const person = participant(world, run.team);
  const { display } = world;
  display.state(run.team, `pushes ${run.folder}`);
  const args = [
    "run",
    "-d",
    dataset,
    "-c",
    "0.5",
    "--memory",
    "256M",
    "-m",
    run.folder,
    join(world.exampleFolder, run.folder),
  ];
  if (run.args !== "") args.push("-a", run.args);
  const session = await person.ask(sessionSchema, args, {
    onErrLine: (line) => {
      if (/^(placing|preparing|running|stopping)\b/.test(line)) display.state(run.team, line);
      else display.detail(run.team, line);
    },
  });
  check(session.state === "succeeded", `${run.team}'s session ${session.name} succeeds`);
  display.state(run.team, `trained (${session.name})`);
  return session;
}
