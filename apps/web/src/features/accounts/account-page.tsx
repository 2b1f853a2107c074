import type { Me } from "../../api/types.ts";
import { Facts, Page, Section } from "../../ui/page.tsx";
import { OwnTeams } from "../teams/own-teams.tsx";
import { Tokens } from "./tokens.tsx";

/** One's own account: teams and API tokens. */
export function AccountPage({ me }: { me: Me }) {
  return (
    <Page title={me.name} lead="Your account, the teams you act for, and the tokens of your programs.">
      <Section title="Account">
        <Facts
          facts={[
            ["E-mail", me.email],
            ["Role", me.role],
          ]}
        />
      </Section>
      <OwnTeams me={me} />
      <Tokens />
    </Page>
  );
}
