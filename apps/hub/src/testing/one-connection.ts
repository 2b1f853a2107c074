import { drizzle, NodePgSession, NodePgTransaction } from "drizzle-orm/node-postgres";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";
import { type Db, migrate, openDatabase, type Tx } from "../platform/database.ts";

/** A process's side of its connection: whoever simulates it may make it wait, fail or die here. */
export interface Gate {
  /** Before a transaction, or a statement outside of one; may wait while others use the connection. */
  enter(): Promise<void>;
  /** Before each statement. May throw, or never return. Gives rows in the database's stead, or nothing. */
  statement(text: string, values: readonly unknown[]): Promise<pg.QueryResult | undefined>;
  /** After the commit of a transaction. May throw, or never return. */
  committed(): Promise<void>;
  /** What was notified on a channel, once it counts. */
  notified(payload: string): void;
}

interface Asked {
  text: string;
  rowMode?: "array";
  name?: string;
}

/**
 * What a rollback goes back to. It is made before the first write of a transaction, so that those that only read need
 * none, and the one before is let go only then. "taken": by the open transaction; "used": things that stay were written
 * since; "unused": nothing was.
 */
type Savepoint = "none" | "taken" | "used" | "unused";
const SAVEPOINT = "the_transaction";
/** Statements that write what every heartbeat and turn renews. */
const RENEWALS =
  /^update "(attempts" set "lease_until" = greatest|nodes" set ("(usage|usage_at|stray_attempts)" = \$\d, )*"last_seen_at")/;
/** Set for a transaction, it would hold for a whole seed: a busy machine would be taken for a hub that is stopped. */
const LIMIT = "idle_in_transaction_session_timeout";
const READS = /^\s*select\b/i;
const WRITES = /^\s*(?:insert into|update|delete from) "?(\w+)/;

/**
 * A database on a single connection, for simulations: what happens between `begin` and `rollback` is one transaction
 * that is never committed, and what its users think are transactions are savepoints in it, one at a time. `now()` is
 * what `setTime` says. Statements are prepared once. A transaction that has only read is nothing to the database: a
 * read that the database itself refuses ends the simulation.
 */
export class OneConnection {
  /** Tables that were written to since this was last cleared, renewals of leases aside. */
  readonly written = new Set<string>();
  readonly #names = new Map<string, string>();
  #open = false;
  #savepoint: Savepoint = "none";
  #notices: string[] = [];
  #time = "";

  private constructor(private readonly client: pg.Client) {}

  /** Makes the database (it must not be there), with all tables, and connects to it. */
  static async create(server: string, name: string): Promise<OneConnection> {
    const admin = openDatabase(server, { max: 1 });
    await admin.sql.unsafe(`drop database if exists ${name} with (force)`);
    await admin.sql.unsafe(`create database ${name}`);
    await admin.close();
    const url = new URL(server);
    url.pathname = `/${name}`;
    await migrate(url.href);
    const client = new pg.Client({ connectionString: url.href, pipeline: true });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(`
      set plan_cache_mode = force_generic_plan;
      set jit = off;`);
    return new OneConnection(client);
  }

  /** Commits what was written since the last call: what all transactions begin with. */
  async begin(): Promise<void> {
    await this.client.query("begin; set constraints all immediate");
    this.#open = false;
    this.#savepoint = "none";
    this.#notices = [];
  }

  async rollback(): Promise<void> {
    await this.client.query("rollback");
  }

  async commit(): Promise<void> {
    await this.client.query("commit");
  }

  /** What was rolled back leaves dead rows, which every scan passes over until they are removed. */
  async vacuum(): Promise<void> {
    await this.client.query("vacuum");
  }

  setTime(ms: number): void {
    this.#time = new Date(ms).toISOString();
  }

  /** The database as the process behind this gate sees it. */
  db(gate: Gate): Db {
    const outside = new Connected((asked, values) => this.#outside(gate, asked, values));
    const inside = new Connected((asked, values) => this.#ask(gate, asked, values));
    const db = drizzle(outside as never) as Db;
    const dialect = new PgDialect();
    const tx = new NodePgTransaction(
      dialect,
      new NodePgSession(inside as never, dialect, undefined),
      undefined,
    ) as Tx;
    db.transaction = (work) => this.#transact(gate, () => work(tx));
    return db;
  }

  /** Rows of a statement of the simulation's own. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#run<Row>({ text }, values)).rows;
  }

  /** What the driver answers a process's statement: rows as lists. */
  answer(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    return this.#run({ text, rowMode: "array" }, values);
  }

  /** Takes back the transaction that a process died in. */
  async abandon(): Promise<void> {
    if (this.#open) await this.#end("rollback");
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  async #outside(gate: Gate, asked: Asked, values: readonly unknown[]) {
    if (this.#open)
      throw new Error(`Asked outside of the transaction that is open, which it can't see: ${asked.text}`);
    await gate.enter();
    return this.#ask(gate, asked, values);
  }

  /** What drizzle does for a transaction, without building a statement for its beginning and its end. */
  async #transact<T>(gate: Gate, work: () => Promise<T>): Promise<T> {
    if (this.#open) throw new Error("A transaction of its own was begun inside of one.");
    await gate.enter();
    await gate.statement("begin", []);
    this.#open = true;
    try {
      const result = await work();
      await gate.statement("commit", []);
      await this.#end("commit");
      for (const payload of this.#notices.splice(0)) gate.notified(payload);
      await gate.committed();
      return result;
    } catch (error) {
      await this.#end("rollback");
      throw error;
    }
  }

  /** Ends the transaction; one that has ended already (its commit was done, and not heard of) stays as it is. */
  async #end(how: "commit" | "rollback"): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    if (how === "rollback") this.#notices = [];
    if (this.#savepoint !== "taken") return;
    this.#savepoint = how === "commit" ? "used" : "unused";
    if (how === "rollback") await this.client.query(`rollback to savepoint ${SAVEPOINT}`);
  }

  /** Sent ahead of the statement that writes, which need not wait for the answer. */
  #beforeWrite(): Promise<unknown> | null {
    const before = this.#savepoint;
    if (!this.#open) {
      if (before === "unused") this.#savepoint = "used";
      return null;
    }
    this.#savepoint = "taken";
    if (before === "taken" || before === "unused") return null;
    const release = before === "used" ? `release savepoint ${SAVEPOINT}; ` : "";
    return this.client.query(`${release}savepoint ${SAVEPOINT}`);
  }

  async #ask(gate: Gate, asked: Asked, values: readonly unknown[]): Promise<pg.QueryResult> {
    const instead = await gate.statement(asked.text, values);
    if (instead) return instead;
    if (asked.text.startsWith("select pg_notify(")) {
      const payloads = [values[1]].flat().map(String);
      if (this.#open) this.#notices.push(...payloads);
      else for (const payload of payloads) gate.notified(payload);
      return EMPTY;
    }
    const result = await this.#run(...this.#atItsTime(asked, values));
    const table = result.rowCount === 0 ? undefined : WRITES.exec(asked.text)?.[1];
    if (table && !RENEWALS.test(asked.text)) this.written.add(table);
    return result;
  }

  /** What the database takes from its clock it is given; a limit that it would hold by its clock it is not told. */
  #atItsTime(asked: Asked, values: readonly unknown[]): [Asked, readonly unknown[]] {
    const untimed = asked.text.replace(LIMIT, "podium.simulated");
    if (!untimed.includes("now()")) return [{ ...asked, text: untimed }, values];
    const text = untimed.replaceAll("now()", `$${values.length + 1}::timestamptz`);
    return [{ ...asked, text }, [...values, this.#time]];
  }

  async #run<Row extends pg.QueryResultRow>(asked: Asked, values: readonly unknown[] = []) {
    const { text } = asked;
    const key = `${asked.rowMode ?? ""} ${text}`;
    let name = this.#names.get(key);
    if (!name) {
      name = `s${this.#names.size}`;
      this.#names.set(key, name);
    }
    const savepoint = READS.test(text) ? null : this.#beforeWrite();
    const answer = this.client.query<Row>({ ...asked, name }, [...values]);
    return savepoint ? (await Promise.all([answer, savepoint]))[0] : answer;
  }
}

const EMPTY: pg.QueryResult = { rows: [], rowCount: 0, command: "", oid: 0, fields: [] };

/** What drizzle takes for a client of its driver. */
class Connected {
  constructor(readonly query: (asked: Asked, values: readonly unknown[]) => Promise<pg.QueryResult>) {}
}
