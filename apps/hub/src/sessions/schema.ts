import type {
  Lineage,
  Prices,
  Progress,
  Resources,
  SessionFailure,
  SessionKind,
  SessionNotice,
  SessionState,
} from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { devices, nodes } from "../nodes/schema.ts";
import { instant, whole } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

export interface SessionMount {
  name: string;
  tree_id: string;
  size_bytes: number;
  /** Absent in sessions made before the record was kept. */
  dataset_id?: string;
  version?: number;
}

/** What an infer session predicts. `each_file`: every file of rows into a file each, not one table. */
export interface SessionInput {
  tree_id: string;
  id_field: string;
  each_file?: boolean;
}

export interface NamedTree {
  name: string;
  tree_id: string;
}

/** What a serve session serves. `onnx`: that file of its checkpoint, and no script. */
export interface Serving {
  binding_id: string;
  max_batch: number;
  onnx?: { file: string };
}

export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    createdBy: text("created_by"),
    name: text("name").notNull().unique(),
    kind: text("kind").$type<SessionKind>().notNull(),
    state: text("state").$type<SessionState>().notNull(),
    /** What the session was made for (a submission, a binding); made once however often it is asked for. */
    origin: text("origin").unique(),
    /** Hidden from participants: an infer session sees hidden inputs, so its logs are the organizer's. */
    hidden: boolean("hidden").notNull().default(false),
    /** Owner of what the session writes, and reader of its logs, where that is not its team. */
    outputTeamId: text("output_team_id").references(() => teams.id),
    entrypoint: text("entrypoint").notNull(),
    args: jsonb("args").$type<string[]>().notNull(),
    memo: text("memo").notNull(),
    codeTree: text("code_tree").notNull(),
    /** Container image; null: what the node runs without being told. */
    image: text("image"),
    /** Image that the code asks for, which no node could run: the session goes on without it. */
    droppedImage: text("dropped_image"),
    /** Key of the environment that its code describes; null: nothing is to be installed. */
    environment: text("environment"),
    datasets: jsonb("datasets").$type<SessionMount[]>().notNull(),
    /** What its current or next attempt begins from. */
    checkpoint: jsonb("checkpoint").$type<NamedTree>(),
    /** What it saved last: when it is interrupted, it goes on from there. */
    latestCheckpoint: jsonb("latest_checkpoint").$type<NamedTree>(),
    forkedFrom: jsonb("forked_from").$type<Lineage>(),
    /** Options by which NSML told a script of a checkpoint, as far as its entrypoint has them. */
    nsmlFlags: jsonb("nsml_flags").$type<string[]>().notNull().default([]),
    input: jsonb("input").$type<SessionInput>(),
    serving: jsonb("serving").$type<Serving>(),
    /** How many members it has, each with these resources on a node; more than 1: a gang. */
    nodes: integer("nodes").notNull().default(1),
    resources: jsonb("resources").$type<Resources>().notNull(),
    prices: jsonb("prices").$type<Prices>().notNull(),
    timeoutMs: whole("timeout_ms").notNull(),
    graceMs: whole("grace_ms").notNull().default(10_000),
    priority: integer("priority").notNull(),
    /** Its place in the one line of those that have one, the smallest first, whoever's they are; null: teams take turns. */
    turn: whole("turn"),
    /** May be asked for a checkpoint and put back into the queue when something more urgent needs its place. */
    preemptible: boolean("preemptible").notNull().default(false),
    /** How often it may be run again after a failure of its own, and how often it was. */
    retries: integer("retries").notNull().default(0),
    retriesUsed: integer("retries_used").notNull().default(0),
    /** When it is queued again, while it is `retrying`. */
    retryAt: instant("retry_at"),
    /** While `stopping`: what becomes of it then; null: it ends. */
    afterStop: text("after_stop").$type<"queued" | "paused">(),
    /** A node that it was asked to move to, or (`not`) away from; until it is placed. */
    moveTo: jsonb("move_to").$type<{ node: string } | { not: string }>(),
    /** How long attempts ran that were interrupted: its time limit counts them. */
    ranMs: whole("ran_ms").notNull().default(0),
    /** Fencing token: counts placements; a write that carries an older one changes nothing. */
    epoch: integer("epoch").notNull().default(0),
    /** Its attempt and node; of a gang, those of rank 0. */
    attemptId: text("attempt_id"),
    nodeId: text("node_id").references(() => nodes.id),
    failure: jsonb("failure").$type<SessionFailure>(),
    stopReason: text("stop_reason"),
    summary: jsonb("summary").$type<Record<string, number>>().notNull().default({}),
    /** rows that are predicted; null: it told none */
    progress: jsonb("progress").$type<Progress>(),
    outputTree: text("output_tree"),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    /** Removed by its team: nobody sees it any more; the ledger and its forks still name it. */
    removedAt: instant("removed_at"),
  },
  (t) => [
    index("sessions_team").on(t.teamId, t.id),
    index("sessions_attempt").on(t.attemptId),
    index("sessions_waiting").on(t.id).where(sql`${t.state} = 'queued'`),
    index("sessions_retrying").on(t.retryAt).where(sql`${t.state} = 'retrying'`),
    index("sessions_live")
      .on(t.nodeId)
      .where(sql`${t.state} in ('placing', 'preparing', 'running', 'stopping')`),
  ],
);

export const attempts = pgTable(
  "attempts",
  {
    id: text("id").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id),
    nodeId: text("node_id")
      .notNull()
      .references(() => nodes.id),
    epoch: integer("epoch").notNull(),
    /** Which member of its session it is, from 0. */
    rank: integer("rank").notNull().default(0),
    /** Of a gang: where other members reach it, at its node's address. */
    port: integer("port"),
    state: text("state")
      .$type<"placing" | "preparing" | "running" | "stopping" | "ended" | "lost">()
      .notNull(),
    leaseUntil: instant("lease_until").notNull(),
    /** Highest record of the attempt's spool that is stored; the next must be one higher. */
    ackedSeq: integer("acked_seq").notNull().default(0),
    exitCode: integer("exit_code"),
    failure: jsonb("failure").$type<SessionFailure>(),
    /** Whether its node had to end its process; null where that is not known. */
    wasEnded: boolean("was_ended"),
    /** What is wrong with it while it runs; its node says so in its log. */
    notice: jsonb("notice").$type<SessionNotice>(),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("attempts_epoch").on(t.sessionId, t.epoch, t.rank),
    index("attempts_live").on(t.nodeId).where(sql`${t.state} not in ('ended', 'lost')`),
  ],
);

/**
 * Who holds how much of which device. Invariant 1 is held by the database: a trigger (in the migration that brought
 * shares) adds every live row to `devices.held_milli`, and a check there forbids more than the whole device.
 */
export const allocations = pgTable(
  "allocations",
  {
    id: text("id").primaryKey(),
    attemptId: text("attempt_id")
      .notNull()
      .references(() => attempts.id),
    deviceId: text("device_id")
      .notNull()
      .references(() => devices.id),
    /** thousandths of the device */
    milli: integer("milli").notNull().default(1000),
    createdAt: instant("created_at").notNull(),
    releasedAt: instant("released_at"),
  },
  (t) => [
    uniqueIndex("allocations_once").on(t.attemptId, t.deviceId),
    index("allocations_live").on(t.deviceId).where(sql`${t.releasedAt} is null`),
    check("allocations_milli", sql`${t.milli} between 1 and 1000`),
  ],
);

/** Who had a shell in a session, or code run in it, and when: kept for those who ask later. */
export const streams = pgTable(
  "session_streams",
  {
    id: text("id").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id),
    attemptId: text("attempt_id")
      .notNull()
      .references(() => attempts.id),
    userId: text("user_id").notNull(),
    kind: text("kind").$type<"sh" | "exec">().notNull(),
    code: text("code"),
    cols: integer("cols").notNull(),
    rows: integer("rows").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When somebody began to wait at it, and when its runner dialled in. */
    waitingAt: instant("waiting_at"),
    joinedAt: instant("joined_at"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("session_streams_session").on(t.sessionId, t.id),
    index("session_streams_open")
      .on(t.attemptId)
      .where(sql`${t.waitingAt} is not null and ${t.joinedAt} is null and ${t.endedAt} is null`),
  ],
);

/** Numbers the sessions of `owner/dataset`. */
export const sessionCounters = pgTable(
  "session_counters",
  { owner: text("owner").notNull(), dataset: text("dataset").notNull(), last: integer("last").notNull() },
  (t) => [primaryKey({ columns: [t.owner, t.dataset] })],
);
