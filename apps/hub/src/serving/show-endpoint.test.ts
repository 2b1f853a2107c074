import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { makeBinding } from "../testing/serving.ts";
import { makeVersions, setShares } from "../testing/traffic.ts";
import { endpointFor } from "./endpoint-for.ts";
import { showEndpoint } from "./show-endpoint.ts";

test("versions are shown with what they get as things stand, and until when they are kept", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await setShares(member, endpoint, "2=100");
    await makeBinding(member, endpoint, { weight: 100 });
    const { bindings } = await showEndpoint(member, endpoint, member.team.slug);
    expect(
      bindings.map(({ version, state, percent, stops_at }) => [version, state, percent, stops_at]),
    ).toEqual([
      [1, "ready", 0, "2026-01-01T13:00:00.000Z"],
      [2, "ready", 100, null],
      [3, "starting", 0, null],
    ]);
  }));

test("an endpoint of another team is answered as one that is not there", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint } = await makeVersions(ctx, 1);
    const stranger = await makeMember(ctx);
    const refusals = [endpointFor(stranger, endpoint.name), endpointFor(stranger, "nothing-of-the-kind")];
    for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ code: "not_found" });
  }));
