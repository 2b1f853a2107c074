import { Scheduler, type Turn } from "../scheduling/scheduler.ts";
import { weightOf } from "../scheduling/shape.ts";
import type { NodeSupply, Pending, Running, Snapshot } from "../scheduling/snapshot.ts";

/** What is so, written down beside a scheduler that is told of it: the two must always decide alike. */
export class Cluster {
  readonly pending = new Map<string, Pending>();
  readonly running = new Map<string, Running>();
  readonly nodes = new Map<string, NodeSupply>();
  readonly scheduler: Scheduler;
  now: number;

  constructor(readonly given: Snapshot) {
    this.now = given.now;
    this.scheduler = new Scheduler(given);
    for (const each of given.nodes) this.setNode(each);
    for (const each of given.pending) this.submit(each);
  }

  setNode(supply: NodeSupply) {
    this.nodes.set(supply.id, supply);
    this.scheduler.setNode(supply);
  }

  submit(each: Pending) {
    this.pending.set(each.sessionId, each);
    this.scheduler.submit(each);
  }

  /** A node goes, and with it what runs there. */
  removeNode(id: string) {
    for (const { sessionId, parts } of [...this.running.values()])
      if (parts.some(({ nodeId }) => nodeId === id)) this.end(sessionId);
    this.nodes.delete(id);
    this.scheduler.removeNode(id);
  }

  withdraw(sessionId: string) {
    this.pending.delete(sessionId);
    this.scheduler.withdraw(sessionId);
  }

  end(sessionId: string) {
    this.change(sessionId, 1);
    this.running.delete(sessionId);
    this.scheduler.end(sessionId);
  }

  snapshot(): Snapshot {
    const usage = new Map(this.given.usage);
    for (const { teamId, resources, parts } of this.running.values())
      usage.set(teamId, (usage.get(teamId) ?? 0) + weightOf(resources) * parts.length);
    const { now, given } = this;
    const state = { pending: [...this.pending.values()], running: [...this.running.values()] };
    return { now, ...state, nodes: [...this.nodes.values()], usage, mix: given.mix };
  }

  turn(): Turn {
    const turn = this.scheduler.decide(this.now);
    for (const { sessionId, parts } of turn.placements) {
      const { teamId, resources, limitMs, urgency, preemptible } = this.pending.get(sessionId) as Pending;
      this.pending.delete(sessionId);
      const endsAt = limitMs === null ? null : this.now + limitMs;
      const what = { sessionId, teamId, resources, parts, endsAt, urgency, preemptible };
      this.running.set(sessionId, { ...what, isEnding: false, atRiskSeconds: 0 });
      this.change(sessionId, -1);
    }
    return turn;
  }

  /** Puts what a session holds back into what its nodes have free (1), or takes it off (−1). */
  private change(sessionId: string, sign: 1 | -1) {
    const { resources, parts } = this.running.get(sessionId) as Running;
    for (const { nodeId, deviceIds, milli } of parts) {
      const supply = this.nodes.get(nodeId);
      if (!supply) continue;
      const devices = supply.devices.map((device) =>
        deviceIds.includes(device.id) ? { ...device, freeMilli: device.freeMilli + sign * milli } : device,
      );
      this.nodes.set(nodeId, {
        ...supply,
        devices,
        freeCpuMilli: supply.freeCpuMilli + sign * resources.cpu_milli,
        freeMemoryBytes: supply.freeMemoryBytes + sign * resources.memory_bytes,
      });
    }
  }
}
