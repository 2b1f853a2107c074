import { expect, test } from "bun:test";
import { pricesSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { currentPrices, setPrices } from "./prices.ts";

test("until somebody changes them, prices are NSML's: a GPU-minute costs one credit, CPUs nothing", () =>
  withRollback(async (db) => {
    expect(await currentPrices(db)).toMatchObject({
      gpu_minute: 1_000_000,
      cpu_minute: 0,
      thousand_calls: 0,
    });
  }));

test("the list that was set last is in force", () =>
  withRollback(async (db) => {
    const admin = await makeMember(systemContext(db), "admin");
    await setPrices(admin, pricesSchema.parse({ gpu_minute: 5 }));
    await setPrices(admin, pricesSchema.parse({ gpu_minute: 7, gpu_minute_by_model: { H100: 9 } }));
    expect(await currentPrices(db)).toMatchObject({ gpu_minute: 7, gpu_minute_by_model: { H100: 9 } });
  }));

test("only an administrator changes prices", () =>
  withRollback(async (db) => {
    const organizer = await makeMember(systemContext(db), "organizer");
    await expect(setPrices(organizer, pricesSchema.parse({ gpu_minute: 0 }))).rejects.toMatchObject({
      code: "forbidden",
    });
    expect((await currentPrices(db)).gpu_minute).toBe(1_000_000);
  }));
