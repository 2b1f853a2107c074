import { Command } from "commander";
import podiumPackage from "../../../package.json" with { type: "json" };
import type { Cli } from "./cli.ts";
import { nameHelp, settings } from "./command.ts";
import { adminCommand } from "./commands/admin.ts";
import { boardCommand } from "./commands/board.ts";
import { commandCommand } from "./commands/command.ts";
import { competitionCommand } from "./commands/competition.ts";
import { creditCommand } from "./commands/credit.ts";
import { datasetCommand } from "./commands/dataset.ts";
import { diffCommand } from "./commands/diff.ts";
import { endpointCommand } from "./commands/endpoint.ts";
import { execCommand } from "./commands/exec.ts";
import { forkCommand } from "./commands/fork.ts";
import { getidCommand } from "./commands/getid.ts";
import { gpumonitorCommand } from "./commands/gpumonitor.ts";
import { gpustatCommand } from "./commands/gpustat.ts";
import { inferCommand } from "./commands/infer.ts";
import { ledgerCommand } from "./commands/ledger.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { logsCommand } from "./commands/logs.ts";
import { memoCommand } from "./commands/memo.ts";
import { eventlenCommand, eventsCommand, metricsCommand } from "./commands/metrics.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { modelCommand, modelsCommand } from "./commands/models.ts";
import { nodeCommand } from "./commands/node.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { notificationsCommand } from "./commands/notifications.ts";
import { pauseCommand } from "./commands/pause.ts";
import { plotCommand } from "./commands/plot.ts";
import { psCommand } from "./commands/ps.ts";
import { pullCommand } from "./commands/pull.ts";
import { resumeCommand } from "./commands/resume.ts";
import { rmCommand } from "./commands/rm.ts";
import { runCommand } from "./commands/run.ts";
import { shCommand } from "./commands/sh.ts";
import { showCommand } from "./commands/show.ts";
import { signupCommand } from "./commands/signup.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import { studyCommand } from "./commands/study.ts";
import { submitCommand } from "./commands/submit.ts";
import { teamCommand } from "./commands/team.ts";
import { webhookCommand } from "./commands/webhook.ts";
import { whoamiCommand } from "./commands/whoami.ts";
import { whyCommand } from "./commands/why.ts";

type CommandOf = (cli: Cli) => Command;

const GROUPS: Record<string, readonly CommandOf[]> = {
  "Account:": [
    signupCommand,
    loginCommand,
    logoutCommand,
    whoamiCommand,
    teamCommand,
    notificationsCommand,
    webhookCommand,
  ],
  "Sessions:": [
    runCommand,
    psCommand,
    showCommand,
    logsCommand,
    stopCommand,
    pauseCommand,
    resumeCommand,
    migrateCommand,
    forkCommand,
    rmCommand,
    shCommand,
    execCommand,
    whyCommand,
    metricsCommand,
    plotCommand,
    eventsCommand,
    eventlenCommand,
    gpustatCommand,
    modelsCommand,
    modelCommand,
    pullCommand,
    diffCommand,
    getidCommand,
    commandCommand,
    memoCommand,
    studyCommand,
  ],
  "Competitions:": [competitionCommand, submitCommand, boardCommand],
  "Data:": [datasetCommand],
  "Serving:": [endpointCommand, inferCommand],
  "Hub:": [
    statusCommand,
    creditCommand,
    ledgerCommand,
    nodesCommand,
    nodeCommand,
    gpumonitorCommand,
    adminCommand,
  ],
};

/** The whole `podium` command. Wrong calls throw a `CommanderError` after saying what is right. */
export function createProgram(cli: Cli): Command {
  const program = settings(new Command("podium"), "Competitions and model serving from the command line.", "")
    .version(podiumPackage.version, "-V, --version", "show which version this is")
    // Behind a command's name it is that command's own.
    .enablePositionalOptions();
  for (const [heading, commands] of Object.entries(GROUPS)) {
    for (const commandOf of commands) program.addCommand(commandOf(cli).helpGroup(heading));
  }
  nameHelp(program);
  return program.addHelpText(
    "after",
    "\nSessions are named owner/dataset/N or by their id. PODIUM_URL and PODIUM_TOKEN override the log-in of this machine.\n" +
      "Start here: podium login, then podium run --help",
  );
}
