import { V7Generator } from "uuidv7";
import { z } from "zod";

/** Prefix of every identifier that Podium hands out: `ses_0198c0de…` is a session wherever it turns up. */
export const ID_PREFIX = {
  user: "usr",
  team: "tem",
  token: "tok",
  account: "acc",
  ledgerTransaction: "ltx",
  hold: "hld",
  dataset: "dat",
  datasetVersion: "dsv",
  node: "nod",
  device: "dev",
  joinToken: "jtk",
  session: "ses",
  attempt: "att",
  allocation: "alc",
  stream: "str",
  checkpoint: "ckp",
  competition: "cmp",
  round: "rnd",
  entrant: "ent",
  competitionChange: "cch",
  teamInvitation: "inv",
  entrantMerge: "mrg",
  submission: "sub",
  score: "sco",
  rejudging: "rej",
  finding: "fnd",
  endpoint: "end",
  endpointKey: "key",
  binding: "bnd",
  gateway: "gtw",
  trafficChange: "tch",
  rollout: "rol",
  batchInference: "bti",
  study: "sty",
  trial: "trl",
  event: "evt",
  notification: "ntf",
  webhook: "whk",
  webhookDelivery: "whd",
  alert: "alr",
} as const;

export type IdKind = keyof typeof ID_PREFIX;
export type Id<K extends IdKind> = `${(typeof ID_PREFIX)[K]}_${string}`;

/** Schema of an identifier of one kind: the prefix, `_`, 32 hexadecimal digits of a UUIDv7. */
export function idSchema<K extends IdKind>(kind: K): z.ZodType<Id<K>, Id<K>> {
  const prefix = ID_PREFIX[kind];
  const schema = z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`), `must be a ${kind} id, such as ${prefix}_0198c0de…`);
  return schema as unknown as z.ZodType<Id<K>, Id<K>>;
}

export interface IdSource {
  next<K extends IdKind>(kind: K): Id<K>;
}

/**
 * Identifiers that sort by creation time. Time and randomness are injected so that a simulation replays.
 * @param nowMs   milliseconds since the epoch
 * @param random  uniform unsigned 32-bit integers
 */
export function createIds(nowMs: () => number, random: () => number): IdSource {
  const generator = new V7Generator({ nextUint32: random });
  return {
    next<K extends IdKind>(kind: K) {
      const uuid = generator.generateOrResetCore(nowMs(), 10_000);
      return `${ID_PREFIX[kind]}_${uuid.toHex()}` as Id<K>;
    },
  };
}
