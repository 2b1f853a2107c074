import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import Docker from "dockerode";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { noFaultPoints } from "../../fault-points.ts";
import { createLog } from "../../log.ts";
import { containersOf, docker, dockerEnv, sharedDaemon } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";
import { addressOf } from "./daemon.ts";
import { Images } from "./images.ts";

setDefaultTimeout(60_000);

const HANGING =
  "rm /usr/bin/python3 && printf '#!/bin/sh\\nexec sleep 600\\n' > /usr/bin/python3 && chmod 755 /usr/bin/python3";

const { available, reason } = requires("docker");
const title = available ? "images that attack" : `images that attack (skipped: ${reason})`;

describe.skipIf(!available && Bun.env["CI"] !== "true")(title, () => {
  let host: string;
  let hub: TestHub;
  let runner: TestRunner;
  let base: string;
  const images: string[] = [];

  beforeAll(async () => {
    host = await sharedDaemon();
    const env = await dockerEnv(host);
    base = env["PODIUM_DEFAULT_IMAGE"] ?? "";
    hub = new TestHub();
    runner = await TestRunner.create(hub, env);
    await runner.start();
  });
  afterAll(async () => {
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
    expect(containersOf(host, runner.data)).toEqual([]);
    for (const image of images) docker(host, "image", "rm", "-f", image);
  });

  /** The test image as these commands of root leave it. */
  function imageAfter(name: string, commands: string, ...changes: string[]): string {
    const image = `podium-test-${process.pid}-${name}`;
    const container = `${image}-made`;
    docker(host, "run", "--name", container, "--network=none", "-u", "0", base, "/bin/sh", "-c", commands);
    docker(host, "commit", ...changes.flatMap((change) => ["--change", change]), container, image);
    docker(host, "rm", "-v", container);
    images.push(image);
    return image;
  }

  test("its volumes are no way to write past the session's disk", async () => {
    const image = imageAfter("volume", "mkdir /scratch && chmod 777 /scratch", "VOLUME /scratch");
    const script = `import os
print(os.listdir("/scratch"))
try:
    open("/scratch/hog", "wb").write(bytes(2**20))
    print("written")
except OSError as error:
    print(error.strerror)`;
    const session = hub.assign(script, { image });
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    expect(hub.log(session.attempt_id)).toEqual(["[]", "Read-only file system"]);
  });

  test("a python3 that never ends keeps nobody from stopping the session", async () => {
    const image = imageAfter("hang", HANGING);
    const session = hub.assign("print(1)", { image });
    await hub.until("it is tried out", () => containersOf(host, runner.data).length > 0);
    hub.change(session, { desired: "stop" });
    expect(await hub.ended(session)).toMatchObject({ failure: null, exit_code: null });
    await hub.until("the trial is gone", () => containersOf(host, runner.data).length === 0);
  });

  test("a python3 that never ends makes the image unfit after a while", async () => {
    const docker = new Docker(addressOf(host));
    const images = new Images(docker, host, "/of-no-runner", noFaultPoints, createLog("silent"), 500);
    const image = imageAfter("hang", HANGING);
    const prepared = images.prepare(image, new AbortController().signal, () => {});
    expect(prepared).rejects.toThrow("its python3 has not answered within 0.5 s");
    await prepared.catch(() => {});
    expect(containersOf(host, "/of-no-runner")).toEqual([]);
  });

  test("one without room for the session's places is to blame itself", async () => {
    const image = imageAfter("file", "echo file > /app");
    const { failure } = await hub.ended(hub.assign("print(1)", { image }));
    expect(failure).toMatchObject({ code: "prepare_failed" });
    expect(failure?.message).toContain("where a session's own files go");
  });
});
