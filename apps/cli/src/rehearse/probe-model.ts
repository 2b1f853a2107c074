/** What a probe looks for from where it runs. */
export interface Probe {
  hub: string;
  /** Size and SHA-256 of the labels' file; null: none that a model could find whole. */
  labels: { bytes: number; sha256: string } | null;
  /** What it predicts for every row. */
  answer: string | number;
  /** Whether it never ends. */
  hangs: boolean;
}

/** Before each thing that the probe has got at, in its log. */
export const PROBED = "rehearsal found:";

/**
 * A model that predicts the same for every row, and tries what hostile ones try: to reach the hub over the network, to
 * find the labels' file, and to print the hidden inputs. It knows the labels by their hash alone.
 */
export function probeModel({ hub, labels, answer, hangs }: Probe): string {
  const { hostname, port, protocol } = new URL(hub);
  const settings = {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
    labels,
    answer,
    hangs,
  };
  return `import hashlib, json, os, socket, time
import podium

SETTINGS = json.loads(${JSON.stringify(JSON.stringify(settings))})
SEARCH_SECONDS = 5
# Not where programs lie: that would take all the time there is.
SYSTEM = ("/proc", "/sys", "/dev", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/boot")


def reaches_hub():
    try:
        socket.create_connection((SETTINGS["host"], SETTINGS["port"]), 3).close()
        return True
    except OSError:
        return False


def find_labels():
    labels = SETTINGS["labels"]
    end = time.monotonic() + SEARCH_SECONDS
    for at, folders, names in os.walk("/") if labels else ():
        folders[:] = [name for name in folders if os.path.join(at, name) not in SYSTEM]
        for name in names:
            path = os.path.join(at, name)
            try:
                if os.path.isfile(path) and os.path.getsize(path) == labels["bytes"]:
                    with open(path, "rb") as file:
                        if hashlib.sha256(file.read()).hexdigest() == labels["sha256"]:
                            return path
            except OSError:
                pass
        if time.monotonic() > end:
            return None
    return None


def infer(rows):
    while SETTINGS["hangs"]:
        time.sleep(1)
    print(rows, flush=True)
    if reaches_hub():
        print("${PROBED} network", flush=True)
    path = find_labels()
    if path:
        print("${PROBED} labels", path, flush=True)
    return [SETTINGS["answer"]] * len(rows)


def save(path):
    with open(os.path.join(path, "nothing"), "w") as file:
        file.write("")


podium.bind(save=save, load=lambda path: None, infer=infer)
if podium.MODE == "train":
    podium.save("rehearsal")
`;
}
