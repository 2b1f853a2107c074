import type { Me } from "../../api/types.ts";
import { Facts, Page, Section, TableScroll } from "../../ui/page.tsx";
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
      <Section title="Teams" flush>
        <TableScroll label="Teams">
          <table className="table">
            <thead>
              <tr>
                <th>Team</th>
                <th>Your role</th>
              </tr>
            </thead>
            <tbody>
              {me.teams.map((team) => (
                <tr key={team.id}>
                  <td>
                    {team.slug} {team.personal && <span className="tag">personal</span>}
                  </td>
                  <td>{team.role}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      </Section>
      <Tokens />
    </Page>
  );
}
