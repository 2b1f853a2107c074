import type { Device } from "@podium/shared";

const MIB = 1024 ** 2;
/** A driver in trouble makes `nvidia-smi` hang: longer than this nobody waits. */
const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 ** 2;

const DEVICE_FIELDS = "index,uuid,name,memory.total,utilization.gpu,memory.used,temperature.gpu,power.draw";
const PROCESS_FIELDS = "gpu_uuid,pid,used_gpu_memory";

/** What the driver says of a GPU that it lists but that is of no use until it, or the machine, is restarted. */
const FAULT = /^\[(?:GPU requires reset|Reset required|GPU is lost)\]$/i;

/** A GPU and its figures; null where the driver says `[N/A]` or the like. */
export interface DeviceState {
  device: Device;
  /** busy share, 0…1; not known of a GPU that is cut up by MIG */
  utilization: number | null;
  memory_used_bytes: number;
  temperature_celsius: number | null;
  power_watts: number | null;
  /** what the driver says instead of figures when no program can use the GPU; null: nothing is wrong */
  fault: string | null;
}

export interface DeviceProcess {
  uuid: string;
  pid: number;
  memory_bytes: number | null;
}

export interface NvidiaState {
  devices: DeviceState[];
  processes: DeviceProcess[];
}

/** `nvidia-smi`, asked at most once at a time. */
export class NvidiaSmi {
  #asking: Promise<NvidiaState | null> | null = null;
  #complaint: string | null = null;

  constructor(
    private readonly program: string,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** What the `PATH` has; null on machines without NVIDIA's driver. */
  static find(): NvidiaSmi | null {
    const program = Bun.which("nvidia-smi");
    return program ? new NvidiaSmi(program) : null;
  }

  /** What it said, in a line, when it did not answer the last time that it was asked for the GPUs; null: it did. */
  get complaint(): string | null {
    return this.#complaint;
  }

  /** The GPUs and who has memory of them; null when it fails, hangs or speaks of something else. */
  query(): Promise<NvidiaState | null> {
    this.#asking ??= this.#query().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #query(): Promise<NvidiaState | null> {
    const [asked, processes] = await Promise.all([
      this.#run(`--query-gpu=${DEVICE_FIELDS}`),
      this.#run(`--query-compute-apps=${PROCESS_FIELDS}`),
    ]);
    this.#complaint = asked.isAnswer ? null : firstLineOf(asked.text);
    if (!asked.isAnswer) return null;
    const devices = parseDevices(asked.text);
    if (devices.length === 0 && asked.text.trim() !== "") this.#complaint = firstLineOf(asked.text);
    return { devices, processes: processes.isAnswer ? parseProcesses(processes.text) : [] };
  }

  async #run(query: string): Promise<{ isAnswer: boolean; text: string }> {
    const asked = Bun.spawn([this.program, query, "--format=csv,noheader,nounits"], {
      stdout: "pipe",
      stderr: "ignore",
      stdin: "ignore",
    });
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), this.timeoutMs);
    try {
      // A process stuck in the driver can't be killed: it is left behind rather than waited for.
      const text = await Promise.race([readAtMost(asked.stdout, MAX_OUTPUT_BYTES), late.promise]);
      const code = text === null ? null : await Promise.race([asked.exited, late.promise]);
      if (text === null) return { isAnswer: false, text: `no answer within ${this.timeoutMs / 1000} s` };
      // It says what is wrong on its standard output, too.
      return { isAnswer: code === 0, text: code === 0 || text.trim() ? text : `it ended with code ${code}` };
    } finally {
      clearTimeout(timer);
      asked.kill("SIGKILL");
    }
  }
}

function firstLineOf(text: string): string {
  return (text.trim().split("\n")[0] ?? "").trim().slice(0, 200);
}

async function readAtMost(stream: ReadableStream<Uint8Array>, limit: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > limit) return null;
    text += decoder.decode(part.value, { stream: true });
  }
  return text;
}

/** Parses the table of GPUs: memory in MiB, utilisation in percent, power in watts. A line that is none is passed over. */
export function parseDevices(csv: string): DeviceState[] {
  return csv.split("\n").flatMap((line) => {
    const [index, uuid, model, total, utilization, used, temperature, power] = fieldsOf(line);
    if (index === undefined || !/^\d+$/.test(index) || !uuid || !model) return [];
    const busy = numberOf(utilization);
    return {
      device: { index: Number(index), uuid, model, memory_bytes: Math.max(0, numberOf(total) ?? 0) * MIB },
      utilization: busy === null ? null : Math.min(1, Math.max(0, busy / 100)),
      memory_used_bytes: Math.max(0, numberOf(used) ?? 0) * MIB,
      temperature_celsius: numberOf(temperature),
      power_watts: numberOf(power),
      fault:
        [utilization, used, temperature].find((field) => field && FAULT.test(field))?.slice(1, -1) ?? null,
    };
  });
}

/** Parses the table of processes; a line that is none ("No running processes found") is passed over. */
export function parseProcesses(csv: string): DeviceProcess[] {
  return csv.split("\n").flatMap((line) => {
    const [uuid, pid, memory] = fieldsOf(line);
    if (!uuid || !pid || !/^[1-9]\d*$/.test(pid)) return [];
    const used = numberOf(memory);
    return { uuid, pid: Number(pid), memory_bytes: used === null ? null : Math.max(0, used) * MIB };
  });
}

const fieldsOf = (line: string) => line.split(",").map((field) => field.trim());

function numberOf(text: string | undefined): number | null {
  const value = Number(text);
  return text !== undefined && text !== "" && Number.isFinite(value) ? value : null;
}
