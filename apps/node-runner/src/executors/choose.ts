import type { Env } from "../env.ts";
import type { Log } from "../log.ts";
import { Executors } from "./executors.ts";
import { openSandbox } from "./process/open-sandbox.ts";
import { ProcessExecutor } from "./process/process-executor.ts";
import { compileSdk, findPython } from "./process/python.ts";

/** The executors that this machine allows. Throws one readable line when what was asked for does not work. */
export async function chooseExecutors(env: Env, log: Log): Promise<Executors> {
  const python = await findPython(env.PODIUM_PYTHON);
  await compileSdk(python, env.PODIUM_SDK_PATH);
  if (env.PODIUM_SANDBOX === "none") return plain("PODIUM_SANDBOX is none");
  const choice = await openSandbox(env.PODIUM_RUNNER_DATA, python);
  if (choice.sandbox) {
    log.info(
      { python: python.version },
      "sessions run in bubblewrap, each without network and other sessions' files",
    );
    return new Executors(new ProcessExecutor(python, choice.sandbox, log));
  }
  if (env.PODIUM_SANDBOX === "bubblewrap") {
    throw new Error(`Bad configuration: PODIUM_SANDBOX is bubblewrap, but ${choice.reason}.`);
  }
  return plain(choice.reason);

  function plain(reason: string) {
    log.warn(
      { python: python.version, reason },
      "sessions run as plain processes of this user: all who may start sessions here must trust each other",
    );
    return new Executors(new ProcessExecutor(python, null, log));
  }
}
