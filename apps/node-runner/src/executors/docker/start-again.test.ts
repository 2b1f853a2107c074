import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { containersOf, dockerEnv, sharedDaemon } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";

setDefaultTimeout(60_000);

const { available, reason } = requires("docker");
const title = available ? "a daemon over TCP" : `a daemon over TCP (skipped: ${reason})`;
/** As a daemon said it on a busy machine. */
const NOT_STARTED =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/sbin/docker-init": stat /sbin/docker-init: permission denied: unknown';

/** The daemon over TCP, which does not start the first `failures` containers of sessions. */
function unsteadyDaemon(host: string, failures: number) {
  const asked = { starts: 0 };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (request.method === "POST" && /\/containers\/podium-\w+-att_\w+\/start$/.test(pathname)) {
        asked.starts += 1;
        if (asked.starts <= failures) return Response.json({ message: NOT_STARTED }, { status: 400 });
      }
      const { method, headers, body } = request;
      const unix = host.replace("unix://", "");
      return fetch(`http://docker${pathname}${search}`, { method, headers, body, unix, redirect: "manual" });
    },
  });
  return { asked, url: `tcp://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

describe.skipIf(!available && Bun.env["CI"] !== "true")(title, () => {
  async function runOn(failures: number) {
    const host = await sharedDaemon();
    await using daemon = unsteadyDaemon(host, failures);
    const hub = new TestHub();
    const runner = await TestRunner.create(hub, { ...(await dockerEnv(host)), DOCKER_HOST: daemon.url });
    try {
      await runner.start();
      const session = hub.assign("print('up')");
      const { failure } = await hub.ended(session);
      expect(hub.violations).toEqual([]);
      return { failure, log: hub.log(session.attempt_id), starts: daemon.asked.starts };
    } finally {
      await runner.dispose();
      await hub.close();
      expect(containersOf(host, runner.data)).toEqual([]);
    }
  }

  test("runs sessions", async () => {
    expect(await runOn(0)).toEqual({ failure: null, log: ["up"], starts: 1 });
  });

  test("that fails before a program ran is asked once more, and the session hears nothing of it", async () => {
    expect(await runOn(1)).toEqual({ failure: null, log: ["up"], starts: 2 });
  });

  test("that fails again is the machine's fault, with what Docker said", async () => {
    const { failure, starts } = await runOn(2);
    expect(failure).toMatchObject({
      code: "platform_error",
      message: expect.stringContaining("/sbin/docker-init: permission denied"),
    });
    expect(starts).toBe(2);
  });
});
