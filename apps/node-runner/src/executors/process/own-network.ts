import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the network of a build is called that has one of its own; the program's name, as with other runtimes. */
export const OWN_NETWORK = "slirp4netns";

/** How a build in bubblewrap gets a network of its own: beyond this machine it reaches all, of its loopback nothing. */
export interface OwnNetwork {
  /** path of `slirp4netns` */
  program: string;
  /** stands in for /etc/resolv.conf, whose server may be one of this machine's loopback */
  resolv: string;
}

/** Where slirp4netns answers questions for names, by asking this machine's own server. */
const NAMESERVER = "10.0.2.3";

/**
 * Starts the command in new namespaces of users and networks and joins slirp4netns to them. The command waits for the
 * network at a named pipe, which is also what keeps slirp4netns waiting until there are namespaces to join.
 * Arguments: the attempt's folder, the program, the command.
 */
const SCRIPT = `
pipe=$1/network
program=$2
shift 2
rm -f "$pipe"
mkfifo -m 600 "$pipe" || exit 125
unshare --user --map-root-user --net -- /bin/sh -c '
  pipe=$1
  shift
  ready=
  read -r ready < "$pipe" || [ -n "$ready" ] || { echo "[podium] There is no network: slirp4netns failed"; exit 125; }
  exec "$@"' podium "$pipe" "$@" &
inner=$!
"$program" --configure --mtu=65520 --disable-host-loopback --enable-sandbox --enable-seccomp --ready-fd=3 \
  --userns-path="/proc/$inner/ns/user" "$inner" tap0 3> "$pipe" > /dev/null 2>&1 &
network=$!
wait "$inner"
code=$?
kill "$network" 2> /dev/null
exit $code
`;

/** The command line that runs another one, which does not unshare its network, in a network of its own. */
export function inOwnNetwork({ program }: OwnNetwork, folder: string, command: string[]): string[] {
  return ["/bin/sh", "-c", SCRIPT, "podium", folder, program, ...command];
}

export interface OwnNetworkChoice {
  network: OwnNetwork | null;
  /** for people; null when it works */
  whyNoNetwork: string | null;
}

/**
 * Finds out once whether this machine can give networks of their own: that takes slirp4netns, /dev/net/tun and user
 * namespaces. What it needs lies in the folder from then on.
 */
export async function openOwnNetwork(folder: string): Promise<OwnNetworkChoice> {
  const program = Bun.which("slirp4netns");
  if (!program) return { network: null, whyNoNetwork: "slirp4netns is not installed" };
  const resolv = join(folder, "resolv.conf");
  const own = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  const kept = own.split("\n").filter((line) => line !== "" && !/^\s*nameserver\b/.test(line));
  await writeFile(resolv, [...kept, `nameserver ${NAMESERVER}`, ""].join("\n"), { mode: 0o644 });
  const network = { program, resolv };
  const trial = await mkdtemp(join(folder, "network-"));
  const said = await tryOut(network, trial).finally(() => rm(trial, { recursive: true, force: true }));
  if (said === "") return { network, whyNoNetwork: null };
  return { network: null, whyNoNetwork: `slirp4netns does not work here: ${said}` };
}

/** Empty when it works, else what it said. */
async function tryOut(network: OwnNetwork, folder: string): Promise<string> {
  const command = inOwnNetwork(network, folder, ["grep", "-q", "tap0", "/proc/net/route"]);
  const trial = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: 20_000 });
  const said = `${await new Response(trial.stderr).text()}${await new Response(trial.stdout).text()}`;
  if ((await trial.exited) === 0) return "";
  return said.trim().split("\n").at(-1) || `exit code ${trial.exitCode}`;
}
