import { afterAll, beforeAll, expect, test } from "bun:test";
import { requires, testIf } from "../../../../scripts/testing/requires.ts";
import { startS3Server } from "../../../../scripts/testing/s3-server.ts";
import { parseEnv, s3Of } from "../env.ts";
import { assertBucket, createS3Store, type S3Settings } from "./s3-store.ts";
import { sha256 } from "./secrets.ts";

let server: Awaited<ReturnType<typeof startS3Server>> | undefined;
beforeAll(async () => {
  if (requires("s3").available) server = await startS3Server();
}, 60_000);
afterAll(() => server?.stop());

/** Nothing listens on the first port: what is there is not. */
const NOWHERE: S3Settings = {
  endpoint: "http://127.0.0.1:1",
  bucket: "podium-blobs",
  accessKeyId: "a-key",
  secretAccessKey: "a-secret-of-nobody",
  region: "us-east-1",
  prefix: "",
};
const there = (): S3Settings => server?.settings ?? NOWHERE;

test("an S3 that does not answer is said to be away, and the log tells why without the secret", async () => {
  const said: unknown[] = [];
  const store = createS3Store(NOWHERE, { warn: (...what: unknown[]) => void said.push(what) });
  for (const asked of [
    () => store.put(sha256("x"), new Uint8Array(1)),
    () => store.read(sha256("x")),
    () => store.remove(sha256("x")),
    () => Array.fromAsync(store.list("ab")),
  ])
    await expect(asked()).rejects.toMatchObject({ code: "unavailable" });
  expect(said).toHaveLength(4);
  expect(JSON.stringify(said)).toContain("ConnectionRefused");
  expect(JSON.stringify(said)).not.toContain("a-secret-of-nobody");
});

test("at start that is one line which names the variables, and not the secret", async () => {
  await expect(assertBucket(NOWHERE)).rejects.toThrow(
    /^The bucket S3_BUCKET \(podium-blobs at http:\/\/127\.0\.0\.1:1\) can't be used: ConnectionRefused, .+\. Check S3_ENDPOINT, .+ there\.$/,
  );
  await expect(assertBucket(NOWHERE)).rejects.not.toThrow(/a-secret-of-nobody/);
});

testIf("s3", "a bucket that isn't there is refused at start, and is no missing blob later", async () => {
  const wrong = { ...there(), bucket: "another-bucket" };
  await expect(assertBucket(wrong)).rejects.toThrow(/another-bucket .+ can't be used: NoSuchBucket/);
  const store = createS3Store(wrong, { warn: () => undefined });
  await expect(store.read(sha256("x"))).rejects.toMatchObject({ code: "unavailable" });
});

testIf("s3", "a bucket that can be used leaves nothing of the probe behind", async () => {
  await assertBucket({ ...there(), prefix: "probed/" });
  const { S3Client } = await import("bun");
  const { prefix: _, ...settings } = there();
  expect((await new S3Client(settings).list({ prefix: "probed/" })).contents ?? []).toEqual([]);
});

const ENV = {
  DATABASE_URL: "postgres://localhost/podium",
  PODIUM_SECRET: "0123456789abcdef0123456789abcdef",
  PODIUM_GATEWAY_TOKEN: "0123456789abcdef",
};
const S3 = {
  S3_ENDPOINT: "https://s3.example.org",
  S3_BUCKET: "podium",
  S3_ACCESS_KEY_ID: "a-key",
  S3_SECRET_ACCESS_KEY: "a-secret-of-nobody",
  S3_REGION: "eu-1",
};

test("the variables of S3 are set together, or not at all", () => {
  expect(s3Of(parseEnv(ENV))).toBeNull();
  expect(s3Of(parseEnv({ ...ENV, ...S3, S3_PREFIX: "podium/" }))).toMatchObject({
    bucket: "podium",
    prefix: "podium/",
  });
  for (const name of Object.keys(S3)) {
    const parsing = () => parseEnv({ ...ENV, ...S3, [name]: undefined });
    expect(parsing).toThrow(`Bad configuration: ${name} is not set: S3_ENDPOINT`);
    expect(parsing).not.toThrow("a-secret-of-nobody");
  }
  expect(() => parseEnv({ ...ENV, S3_PREFIX: "podium/" })).toThrow("S3_BUCKET is not set");
  expect(() => parseEnv({ ...ENV, ...S3, S3_PREFIX: "/podium" })).toThrow("S3_PREFIX may have letters");
});
