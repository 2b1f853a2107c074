import { isIP } from "node:net";
import { DomainError, type Id, type NotificationKind } from "@podium/shared";
import { isPublicAddress, webhookSecret } from "@podium/webhooks";
import { type Context, type Membership, resolveTeam } from "../../platform/context.ts";
import { inTransaction } from "../../platform/transaction.ts";
import {
  countWebhooks,
  deleteWebhook,
  enableWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  lockTeam,
  type WebhookRow,
} from "./store.ts";

const WEBHOOKS_A_TEAM = 20;

/** A webhook of a team that the actor may change: owners and admins may. @throws DomainError `forbidden`, `not_found` */
export async function changeableWebhook(ctx: Context, slug: string, id: string): Promise<WebhookRow> {
  const team = changeableTeam(ctx, slug);
  const webhook = await findWebhook(ctx.db, team.id, id);
  if (!webhook) throw new DomainError("not_found", `Team "${slug}" has no webhook ${id}.`);
  return webhook;
}

function changeableTeam(ctx: Context, slug: string): Membership {
  const team = resolveTeam(ctx, slug);
  if (team.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${team.slug}" may change its webhooks.`);
  return team;
}

/** Has a team's notifications posted to an address. The secret is in the answer and nowhere else. */
export async function addWebhook(
  ctx: Context,
  slug: string,
  input: { url: string; kinds?: NotificationKind[] | undefined },
  allowPrivate: boolean,
) {
  const team = changeableTeam(ctx, slug);
  const { username, password, hostname } = new URL(input.url);
  if (username !== "" || password !== "")
    throw new DomainError("invalid_request", "url: must have no name or password in it.");
  const host = hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && (host === "localhost" || (isIP(host) !== 0 && !isPublicAddress(host))))
    throw new DomainError("invalid_request", "url: must be an address of the public internet.");
  const webhook = await inTransaction(ctx, async (tx) => {
    await lockTeam(tx, team.id);
    if ((await countWebhooks(tx, team.id)) >= WEBHOOKS_A_TEAM)
      throw new DomainError(
        "limit_reached",
        `A team has at most ${WEBHOOKS_A_TEAM} webhooks. Remove one first.`,
      );
    const row = await insertWebhook(tx, {
      id: ctx.ids.next("webhook"),
      teamId: team.id,
      url: input.url,
      kinds: input.kinds ?? null,
      createdAt: ctx.clock.now(),
    });
    return showWebhook(row, null);
  });
  return { ...webhook, secret: webhookSecret(ctx.settings.secret, webhook.id) };
}

/** Webhooks of a team, for its members; their secrets are never shown again. */
export async function teamsWebhooks(ctx: Context, slug: string) {
  const rows = await listWebhooks(ctx.db, resolveTeam(ctx, slug).id);
  return rows.map(({ webhook, lastError }) => showWebhook(webhook, lastError));
}

/** Removes a webhook; what has not been delivered is not delivered any more. @throws DomainError `not_found` */
export async function removeWebhook(ctx: Context, slug: string, id: string): Promise<void> {
  const team = changeableTeam(ctx, slug);
  const isGone = await inTransaction(ctx, (tx) => deleteWebhook(tx, team.id, id));
  if (!isGone) throw new DomainError("not_found", `Team "${slug}" has no webhook ${id}.`);
}

/**
 * Turns a webhook on again that was turned off because nothing got through. What came up meanwhile stays undelivered.
 * @throws DomainError `forbidden`, `not_found`
 */
export async function turnOnWebhook(ctx: Context, slug: string, id: string) {
  const team = changeableTeam(ctx, slug);
  const row = await inTransaction(ctx, (tx) => enableWebhook(tx, team.id, id));
  if (!row) throw new DomainError("not_found", `Team "${slug}" has no webhook ${id}.`);
  return showWebhook(row, null);
}

function showWebhook(row: WebhookRow, lastError: string | null) {
  const state = row.disabledAt ? "disabled" : row.failingSince ? "failing" : "active";
  return {
    id: row.id as Id<"webhook">,
    url: row.url,
    kinds: row.kinds,
    state: state as "disabled" | "failing" | "active",
    last_error: lastError,
    created_at: row.createdAt.toISOString(),
  };
}
