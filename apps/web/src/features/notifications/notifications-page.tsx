import { Page, Section } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { MailPreferences } from "./mail-preferences.tsx";
import { useNotifications } from "./queries.ts";

/** What Podium told the reader, and what of it goes out by mail. */
export function NotificationsPage() {
  const { data, error, refetch, hasNextPage, fetchNextPage } = useNotifications();
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Page title="Notifications" lead="What happened to your teams' work.">
      <Section title="What happened">
        <Show answer={{ data: items, error, refetch }} what="notifications">
          {(notes) =>
            notes.length === 0 ? (
              <Empty title="Nothing has happened yet">
                Sessions that fail or get stuck, scores and used-up credit are told here.
              </Empty>
            ) : (
              <ul className="notes">
                {notes.map((note) => (
                  <li key={note.id}>
                    <span className="quiet">
                      <Time at={note.created_at} />
                    </span>
                    <span>{note.text}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Show>
        {hasNextPage && (
          <button type="button" className="button small" onClick={() => void fetchNextPage()}>
            Show older ones
          </button>
        )}
      </Section>
      <MailPreferences />
    </Page>
  );
}
