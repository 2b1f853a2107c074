import { deedOf } from "@podium/shared/contest-deed";
import type { CompetitionChange } from "../../api/types.ts";
import { shortTime } from "../../format/time.ts";
import { Section } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Time } from "../../ui/time.tsx";
import { changesOf } from "./changes.ts";
import { useHistory } from "./queries.ts";

/** What the organizer did to the competition, newest first; nothing is shown where nothing was done. */
export function History({ name }: { name: string }) {
  const history = useHistory(name);
  const changes = history.data?.pages.flatMap((page) => page.items) ?? [];
  if (changes.length === 0) return null;
  return (
    <Section title="History">
      <ol className="deeds">
        {changes.map((change) => (
          <li key={change.id}>
            <Change change={change} />
          </li>
        ))}
      </ol>
      <ShowMore of={history} small />
    </Section>
  );
}

function Change({ change }: { change: CompetitionChange }) {
  const { actor, reason, at } = change;
  return (
    <>
      <p>
        <strong>{deedOf(change, shortTime)}</strong>
      </p>
      <p className="dotted quiet">
        <Time at={at} />
        {actor !== null && <span>by {actor}</span>}
      </p>
      {reason !== null && <p>{reason}</p>}
      {changesOf(change).map(({ path, before, after }) => (
        <p key={path} className="quiet">
          <code>{path}</code> <del>{before}</del> <ins>{after}</ins>
        </p>
      ))}
    </>
  );
}
