import { Page } from "../../ui/page.tsx";
import { Empty } from "../../ui/states.tsx";

/** What everybody but the organizer sees of the organizer's pages. */
export function OrganizersOnly({ title, up }: { title: string; up: { to: string; text: string } }) {
  return (
    <Page title={title} up={up}>
      <Empty title="Only the organizer sees this page">
        Or there is no such round. Go back to the contest.
      </Empty>
    </Page>
  );
}
