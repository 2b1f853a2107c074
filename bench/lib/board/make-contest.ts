import { openDatabase } from "../../../apps/hub/src/platform/database.ts";
import { competitionDefinitionSchema } from "../../../packages/shared/src/index.ts";
import { must, type Person, push } from "../../../tests/lib/person.ts";

const csv = (column: string, first: number) => `id,${column}\n1,${first}\n2,2\n`;

/** Makes an open contest through the API. @returns ids of its competition and round */
export async function makeContest(hubUrl: string, organizer: Person, name: string) {
  const round = { name: "only", train: "train", inputs: "inputs", labels: "labels.csv", target_field: "y" };
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name,
    title: "A large contest",
    metric: { name: "mse" },
    rounds: [round],
  });
  const data = {
    round: "only",
    train: await push(organizer, hubUrl, { "train.csv": csv("y", 9) }),
    inputs: await push(organizer, hubUrl, { "inputs.csv": csv("x", 5) }),
    labels: await push(organizer, hubUrl, { "labels.csv": csv("y", 1) }),
  };
  const made = must(
    await organizer.api.POST("/api/v1/competitions", { body: { definition, data: [data] } as never }),
  );
  return { competitionId: made.id, roundId: made.rounds[0]?.id ?? "" };
}

export type Contest = Awaited<ReturnType<typeof makeContest>>;

/** Fills a contest with entrants and scored submissions, as many each, and with the boards that they give. */
export async function fillContest(
  databaseUrl: string,
  { competitionId, roundId }: Contest,
  entrants: number,
  each: number,
): Promise<void> {
  const { sql, close } = openDatabase(databaseUrl);
  try {
    await sql`insert into teams (id, name, slug, personal, created_at)
      select 'tem_' || md5('t' || n), 'team-' || n, 'team-' || n, true, now() from generate_series(1, ${entrants}::int) n`;
    await sql`insert into entrants (id, competition_id, team_id, state, round, joined_at)
      select 'ent_' || md5('e' || n), ${competitionId}, 'tem_' || md5('t' || n), 'active', 1, now()
      from generate_series(1, ${entrants}::int) n`;
    const restore = await withoutIndexes(sql);
    // Scores on a grid of 50,000 values, so that there are ties; a hash, so that every run has the same ones.
    await sql`insert into submissions (id, competition_id, round_id, entrant_id, team_id, number, kind, state, score, submitted_at, ended_at)
      select 'sub_' || md5(n || '-' || k), ${competitionId}, ${roundId}, 'ent_' || md5('e' || n), 'tem_' || md5('t' || n),
        k, 'predictions', 'scored', 1 + (hashint8(n::bigint * 1000 + k)::bigint + 2147483648) % 50000 / 50000.0,
        now() - interval '1 day' + make_interval(secs => (n * ${each}::int + k) / 100.0),
        now() - interval '1 day' + make_interval(secs => (n * ${each}::int + k) / 100.0)
      from generate_series(1, ${entrants}::int) n, generate_series(1, ${each}::int) k`;
    for (const statement of restore) await sql.unsafe(statement);
    for (const board of ["public", "private"])
      await sql`insert into leaderboard_rows (round_id, entrant_id, board, score, sort_keys, submissions, best_submission_id, best_at, version)
        select distinct on (entrant_id) round_id, entrant_id, ${board}, score, array[score], ${each}::int, id, submitted_at, 1
        from submissions where round_id = ${roundId} order by entrant_id, score, submitted_at, id`;
    await sql`insert into boards (round_id, version) values (${roundId}, 1)`;
    await sql.unsafe("vacuum analyze submissions");
    await sql.unsafe("vacuum analyze leaderboard_rows");
    await sql.unsafe("vacuum analyze entrants");
    await sql.unsafe("vacuum analyze teams");
  } finally {
    await close();
  }
}

type Sql = ReturnType<typeof openDatabase>["sql"];

/** Takes the indexes and references of submissions away, which a million rows fill faster at once. @returns what brings them back */
async function withoutIndexes(sql: Sql): Promise<string[]> {
  const indexes = await sql`select indexname as name, indexdef as made from pg_indexes
    where tablename = 'submissions' and indexname <> 'submissions_pkey'`;
  const references = await sql`select conname as name, pg_get_constraintdef(oid) as made from pg_constraint
    where conrelid = 'submissions'::regclass and contype = 'f'`;
  for (const { name } of references) await sql.unsafe(`alter table submissions drop constraint "${name}"`);
  for (const { name } of indexes) await sql.unsafe(`drop index "${name}"`);
  return [
    ...indexes.map(({ made }) => String(made)),
    ...references.map(({ name, made }) => `alter table submissions add constraint "${name}" ${made}`),
  ];
}

/** Scores a new submission of an entrant, as the scorer's transaction does: row and event commit together. */
export async function scoreOne(
  sql: Sql,
  { competitionId, roundId }: Contest,
  entrant: number,
  number: number,
  score: number,
): Promise<void> {
  await sql`with made as (
      insert into submissions (id, competition_id, round_id, entrant_id, team_id, number, kind, state, score, submitted_at, ended_at)
      values ('sub_' || md5(${`${entrant}-${number}`}), ${competitionId}, ${roundId}, 'ent_' || md5('e' || ${entrant}::int),
        'tem_' || md5('t' || ${entrant}::int), ${number}::int, 'predictions', 'scored', ${score}::float8, now(), now())
      returning id, entrant_id, team_id),
    event as (
      insert into events (id, type, payload, created_at)
      select 'evt_' || md5(id || 'scored'), 'submission.scored', jsonb_build_object('submission_id', id,
        'competition_id', ${competitionId}::text, 'round_id', ${roundId}::text, 'entrant_id', entrant_id, 'team_id', team_id), now()
      from made returning id, type, payload)
    select pg_notify('podium_events', jsonb_build_object('id', id, 'event', payload || jsonb_build_object('type', type))::text)
    from event`;
}
