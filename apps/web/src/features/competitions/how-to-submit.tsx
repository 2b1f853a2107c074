import type { Round } from "../../api/types.ts";
import { count } from "../../format/numbers.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Facts, Section } from "../../ui/page.tsx";

/** What a participant does next: train on the round's data, submit a checkpoint, within which limits. */
export function HowToSubmit({ round, takesPart }: { round: Round; takesPart: boolean }) {
  if (round.state !== "open" || !round.dataset) return null;
  return (
    <Section title="Take part">
      {!takesPart && <p className="quiet">Join first, with the button at the top.</p>}
      <CodeBlock label="Train on the round's data" code={`podium run -d ${round.dataset} .`} />
      {round.sample && (
        <CodeBlock label="Try it on the public sample" code={"podium submit -t SESSION CHECKPOINT"} />
      )}
      <CodeBlock label="Submit what the session saved" code={"podium submit SESSION CHECKPOINT"} />
      <Facts
        facts={[
          ["Data", <code key="data">{round.dataset}</code>],
          ["Submissions a day", count(round.per_day)],
          ["In all", count(round.total)],
        ]}
      />
    </Section>
  );
}
