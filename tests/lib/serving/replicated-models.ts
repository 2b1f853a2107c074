import type { Assignment } from "@podium/shared";
import { sha256 } from "../../../apps/inference-gateway/src/hash.ts";
import {
  type SpawnedGateway,
  spawnGateway,
} from "../../../apps/inference-gateway/src/testing/spawn-gateway.ts";
import { metric, testFolder } from "../../../apps/inference-gateway/src/testing/test-gateway.ts";
import {
  type TestHub as GatewayHub,
  startTestHub,
} from "../../../apps/inference-gateway/src/testing/test-hub.ts";
import { testBinding, testEndpoint, testId } from "../../../apps/inference-gateway/src/testing/test-table.ts";
import { TestHub } from "../../../apps/node-runner/src/testing/test-hub.ts";
import { TestRunner } from "../../../apps/node-runner/src/testing/test-runner.ts";
import { processesMarked } from "../../../scripts/stack/process-table.ts";
import { waitUntil } from "../../../scripts/stack/wait.ts";

const START_MS = 60_000;
const DAY_MS = 86_400_000;

export interface ReplicatedModel {
  /** of the endpoint */
  name: string;
  script: string;
  replicas: number;
}

/** One version of a model, and its live copies. */
interface Version {
  model: ReplicatedModel;
  /** counts through all versions of all models */
  number: number;
  replicas: Assignment[];
}

/**
 * Models with several replicas each behind a gateway of its own process; this process plays the hub for gateway and
 * runner. Replicas can be killed, whose place a new one takes, and versions exchanged.
 */
export class ReplicatedModels implements AsyncDisposable {
  readonly #runnerHub = new TestHub();
  readonly #versions = new Map<string, Version>();
  #gatewayHub: GatewayHub | null = null;
  #gateway: SpawnedGateway | null = null;
  #runner: TestRunner | null = null;
  #folder: Awaited<ReturnType<typeof testFolder>> | null = null;
  #lastVersion = 0;
  #lastSession = 0;

  private constructor(private readonly keys: readonly string[]) {}

  /** Resolves when every replica is connected. @param keys each good for all models */
  static async start(models: readonly ReplicatedModel[], keys: readonly string[]): Promise<ReplicatedModels> {
    const started = new ReplicatedModels(keys);
    try {
      await started.#start(models);
    } catch (error) {
      const cause = new Error(started.#runner?.output.slice(-2_000), { cause: error });
      await started[Symbol.asyncDispose]();
      throw new Error("The models did not come up.", { cause });
    }
    return started;
  }

  get url(): string {
    return this.#gateway?.url ?? "";
  }

  get gatewayPid(): number {
    return this.#gateway?.pid ?? 0;
  }

  /** Kills a replica as a machine's loss would; another one is started in its place. Returns how many are left; -1: none was there. */
  kill(name: string): number {
    const version = this.#versions.get(name);
    const doomed = version?.replicas.shift();
    if (!version || !doomed) return -1;
    for (const pid of processesMarked(`PODIUM_ATTEMPT=${doomed.attempt_id}`)) process.kill(pid, "SIGKILL");
    void this.#runnerHub.ended(doomed).then(
      () => this.#runnerHub.drop(doomed.attempt_id),
      () => {},
    );
    const left = version.replicas.length;
    this.#addReplica(version);
    return left;
  }

  /** Starts another version of the model, gives it all of the traffic when it is up, and ends the former one. */
  async rebind(name: string) {
    const former = this.#versions.get(name);
    if (!former) throw new Error(`There is no model ${name}.`);
    const next = this.#addVersion(former.model);
    this.#publish([former, next], former);
    await this.#connected(next);
    this.#versions.set(name, next);
    this.#publish([next], next);
    for (const replica of former.replicas) {
      this.#runnerHub.change(replica, { desired: "stop" });
      void this.#runnerHub.ended(replica).then(
        () => this.#runnerHub.drop(replica.attempt_id),
        () => {},
      );
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#runner?.dispose();
    await this.#runnerHub.close();
    this.#gateway?.kill("SIGKILL");
    await this.#gateway?.exited;
    await this.#gatewayHub?.stop();
    await this.#folder?.remove();
  }

  async #start(models: readonly ReplicatedModel[]) {
    const keys = this.keys.map((key, index) => ({
      id: testId("key", index + 1),
      sha256: sha256(key),
      expires_at: null,
    }));
    this.#gatewayHub = startTestHub({
      version: 1,
      endpoints: models.map(({ name }, index) =>
        testEndpoint(index + 1, { name, keys, timeout_ms: 120_000, max_queue: 50_000, bindings: [] }),
      ),
    });
    this.#folder = await testFolder();
    this.#gateway = await spawnGateway(this.#gatewayHub.url, this.#folder.path);
    this.#runner = await TestRunner.create(this.#runnerHub);
    await this.#runner.start();
    for (const model of models) {
      const version = this.#addVersion(model);
      this.#versions.set(model.name, version);
      this.#publish([version], version);
    }
    for (const version of this.#versions.values()) await this.#connected(version);
  }

  #addVersion(model: ReplicatedModel): Version {
    const version: Version = { model, number: ++this.#lastVersion, replicas: [] };
    for (let n = 0; n < model.replicas; n += 1) this.#addReplica(version);
    return version;
  }

  #addReplica(version: Version) {
    const number = ++this.#lastSession;
    const { model } = version;
    const replica = this.#runnerHub.assign(model.script, {
      session: { id: testId("ses", number), name: `ada/films/${number}`, kind: "serve" },
      timeout_ms: DAY_MS,
      serving: {
        binding_id: testId("bnd", version.number),
        replica_token: tokenOf(version),
        gateways: [this.url],
        max_batch: 64,
      },
    });
    version.replicas.push(replica);
  }

  /** The table of one model: these versions, all traffic to one of them. */
  #publish(versions: readonly Version[], served: Version) {
    this.#gatewayHub?.publish(({ endpoints }) => {
      const endpoint = endpoints.find(({ name }) => name === served.model.name);
      if (!endpoint) return;
      endpoint.bindings = versions.map((version) =>
        testBinding(version.number, {
          weight: version === served ? 1 : 0,
          version: version.number,
          signature: null,
          replica_sha256: [sha256(tokenOf(version))],
        }),
      );
    });
  }

  async #connected({ model, number }: Version) {
    const pattern = new RegExp(`^podium_gateway_replicas\\{endpoint="${model.name}",version="${number}"`);
    const isUp = async () => (await metric(this.url, pattern)) === model.replicas;
    if (!(await waitUntil(isUp, { withinMs: START_MS })))
      throw new Error(`${model.name} is not up: ${this.#runner?.output.slice(-1_000)}`);
  }
}

const tokenOf = ({ number }: Version) => `prt_of-version-${number}`;
