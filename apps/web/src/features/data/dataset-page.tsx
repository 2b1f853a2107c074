import type { Dataset, DatasetVersion } from "../../api/types.ts";
import { CodeBlock } from "../../ui/copy.tsx";
import { Facts, Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useDataset, useVersions } from "./queries.ts";
import { readVersions } from "./search.ts";
import { Tags } from "./tags.tsx";
import { VersionDiff } from "./version-diff.tsx";
import { Versions } from "./versions.tsx";

interface DatasetPageProps {
  team: string;
  name: string;
  query: URLSearchParams;
}

const SEEN_BY = { public: "everyone on this hub", team: "its team", private: "its author alone" } as const;

/** One dataset: what it is, its versions and what changed between them, and how to use it. */
export function DatasetPage({ team, name, query }: DatasetPageProps) {
  const up = { to: "/datasets", text: "Datasets" };
  const versions = useVersions(team, name);
  return (
    <PageOf answer={useDataset(team, name)} what="the dataset" title={`${team}/${name}`} up={up}>
      {(dataset) => (
        <Page title={`${team}/${name}`} up={up} lead={<Tags tags={dataset.tags} />}>
          <div className="columns">
            <div>
              <Section title="About">
                {dataset.description && <p className="prose plain-text">{dataset.description}</p>}
                <About dataset={dataset} />
              </Section>
              <Section title="Versions" flush>
                <Show answer={versions} what="its versions">
                  {(found) => <Versions dataset={dataset} versions={found} />}
                </Show>
              </Section>
            </div>
            <HowToUse dataset={dataset} />
          </div>
          {versions.data && <Changes dataset={dataset} versions={versions.data} query={query} />}
        </Page>
      )}
    </PageOf>
  );
}

function About({ dataset }: { dataset: Dataset }) {
  return (
    <Facts
      facts={[
        ["Author", dataset.author ?? "–"],
        ["Seen by", SEEN_BY[dataset.visibility]],
        ["Made", <Time key="made" at={dataset.created_at} />],
        ["Last access", dataset.last_access_at ? <Time key="access" at={dataset.last_access_at} /> : "never"],
      ]}
    />
  );
}

function HowToUse({ dataset: { team, name, latest_version } }: { dataset: Dataset }) {
  if (latest_version === 0) return null;
  const full = `${team}/${name}`;
  return (
    <Section title="Use it">
      <CodeBlock label="Mount the newest version" code={`podium run -d ${full} .`} />
      <CodeBlock label="Mount this one, whatever comes" code={`podium run -d ${full}@${latest_version} .`} />
      <CodeBlock label="Fetch it" code={`podium dataset pull ${full} ./${name}`} />
    </Section>
  );
}

function Changes({
  dataset: { team, name },
  versions,
  query,
}: {
  dataset: Dataset;
  versions: readonly DatasetVersion[];
  query: URLSearchParams;
}) {
  const numbers = versions.map(({ number }) => number);
  const compared = readVersions(query, numbers);
  return compared && <VersionDiff team={team} name={name} numbers={numbers} {...compared} />;
}
