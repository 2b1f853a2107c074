import { type LookupAddress, lookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./address.ts";

export interface PostSettings {
  /** whether addresses inside may be reached: loopback, private, link-local */
  allowPrivate: boolean;
  timeoutMs?: number;
}

/** Posts JSON to an address that somebody else chose. Resolves with the status; throws `PostFailed`. */
export type Post = (url: string, headers: Record<string, string>, body: string) => Promise<number>;

/** It did not get through, in words for the webhook's owner. */
export class PostFailed extends Error {}

const TIMEOUT_MS = 10_000;
/** What comes back is of no interest: that much is read, so that a polite server can finish. */
const MAX_ANSWER_BYTES = 4096;

/**
 * Posting that can't be turned against one's own network: names are resolved once, and the connection goes to the
 * address that was checked; redirects are answers like others; time and size are bounded.
 */
export function createPost({ allowPrivate, timeoutMs = TIMEOUT_MS }: PostSettings): Post {
  const mayReach = (address: string) => allowPrivate || isPublicAddress(address);
  return (url, headers, body) => {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !mayReach(host)) return Promise.reject(new PostFailed(NOT_PUBLIC));
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const options = {
      host,
      port: port || (protocol === "https:" ? 443 : 80),
      path: `${pathname}${search}`,
      method: "POST",
      agent: false,
      lookup: checked(mayReach),
      headers: {
        ...headers,
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        "user-agent": "Podium-Webhooks/1",
      },
    } as const;
    const request = (protocol === "https:" ? requestHttps : requestHttp)(options, (answer) => {
      const { statusCode = 0 } = answer;
      void drain(answer).then(() => resolve(statusCode));
    });
    const timer = setTimeout(() => {
      reject(new PostFailed(`It did not answer within ${timeoutMs / 1000} s.`));
      request.destroy();
    }, timeoutMs);
    request.on("error", (error) => reject(new PostFailed(error.message || "The connection failed.")));
    request.end(body);
    return promise.finally(() => {
      clearTimeout(timer);
      request.destroy();
    });
  };
}

const NOT_PUBLIC = "The address is not one of the public internet, and nothing is posted to any other.";

/** Resolves a name to addresses that may be reached. One that may not makes the name refused as a whole. */
function checked(mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { all: true, family: 0 }, (error, found: LookupAddress[]) => {
      const [first] = found ?? [];
      if (error || !first) return callback(error ?? new Error(`${hostname} has no address.`), "", 0);
      if (!found.every(({ address }) => mayReach(address))) return callback(new Error(NOT_PUBLIC), "", 0);
      if (options.all) return callback(null, found);
      callback(null, first.address, first.family);
    });
  };
}

async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  const ended = Promise.withResolvers<void>();
  answer.on("data", (part: Buffer) => {
    bytes += part.byteLength;
    if (bytes > MAX_ANSWER_BYTES) ended.resolve();
  });
  answer.on("end", () => ended.resolve());
  answer.on("error", () => ended.resolve());
  answer.on("close", () => ended.resolve());
  await ended.promise;
  answer.destroy();
}
