import type { OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import type { Planted } from "./stage.ts";

/** A hub that takes records of whoever sends them, whatever has become of the attempt. */
const ignoresEpochs: Planted = {
  name: "ignores-epochs",
  storeRecords: async (ctx, attemptId, _epoch, records) => {
    const last = records.at(-1)?.seq ?? 0;
    await ctx.db.transaction(async (tx) => {
      for (const statement of [
        `insert into log_lines (attempt_id, seq, session_id, position, at, text)
         select a.id, r.seq, a.session_id, a.epoch * 10000000 + r.seq, now(), r.text
         from attempts a, json_to_recordset('${JSON.stringify(records)}') as r (type text, seq int, text text)
         where a.id = '${attemptId}' and r.type = 'log' and r.seq > a.acked_seq`,
        `update attempts set acked_seq = greatest(acked_seq, ${last}) where id = '${attemptId}'`,
      ])
        await tx.execute(statement);
    });
    return last;
  },
};

/** A scheduler that frees what a silent node holds, and goes on placing sessions on it. */
const fencesNobody: Planted = {
  name: "fences-nobody",
  statement: async (text) =>
    /^update "nodes" set "state" = \$\d+, "fences" = /.test(text) ? NOTHING : undefined,
};

/** Credits that forget what they have booked: a hold that is settled again is booked again. */
const settlesTwice: Planted = {
  name: "settles-twice",
  statement: async (text, values, connection) => {
    if (text.includes('"holds"."state" = $1'))
      return connection.answer(text.replace('"holds"."state" = $1', "$1 = 'open'"), values);
    if (/^select "reference" from "ledger_transactions" where/.test(text)) return NOTHING;
    if (text.startsWith('insert into "ledger_transactions"'))
      return withoutReference(connection, text, values);
    if (!/^select .* from "holds" where .* for no key update$/.test(text)) return undefined;
    return connection.answer(text.replace('"state"', "'open'"), values);
  },
};

const NOTHING = { rows: [], rowCount: 0, command: "", oid: 0, fields: [] };

/** What is booked under no name can be booked any number of times. */
async function withoutReference(connection: OneConnection, text: string, values: readonly unknown[]) {
  const isName = (value: unknown) => typeof value === "string" && /^(settle|release|refund):/.test(value);
  return connection.answer(
    text,
    values.map((value) => (isName(value) ? null : value)),
  );
}

/** Bugs that are planted to show that they are found. */
export const PLANTED: readonly Planted[] = [ignoresEpochs, fencesNobody, settlesTwice];
