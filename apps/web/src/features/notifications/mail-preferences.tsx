import { Section } from "../../ui/page.tsx";
import { ProblemNotice, Show } from "../../ui/states.tsx";
import { useMailPreferences, useSetMail } from "./queries.ts";

/** One switch a kind of notification. */
export function MailPreferences() {
  const preferences = useMailPreferences();
  const set = useSetMail();
  return (
    <Section title="By mail">
      <Show answer={preferences} what="what you get by mail">
        {({ available, kinds }) => (
          <>
            {!available && (
              <p className="quiet">This hub sends no mail: its operator has named no mail server.</p>
            )}
            <ul className="notes">
              {kinds.map(({ kind, title, mail }) => (
                <li key={kind}>
                  <label>
                    <input
                      type="checkbox"
                      checked={set.isPending && set.variables.kind === kind ? set.variables.mail : mail}
                      onChange={(event) => set.mutate({ kind, mail: event.target.checked })}
                    />{" "}
                    {title}
                  </label>
                </li>
              ))}
            </ul>
            {set.error && <ProblemNotice error={set.error} />}
          </>
        )}
      </Show>
    </Section>
  );
}
