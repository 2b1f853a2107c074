import { type ReactNode, useEffect } from "react";
import { Link } from "../router/router.tsx";

interface PageProps {
  title: string;
  /** where one came from, shown above the title */
  up?: { to: string; text: string };
  lead?: ReactNode;
  side?: ReactNode;
  children: ReactNode;
}

/** A page: its title in the window and on screen, a line of introduction, what can be done, and the content. */
export function Page({ title, up, lead, side, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Podium`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <div className="page-head-text">
          {up && (
            <Link to={up.to} className="up">
              ← {up.text}
            </Link>
          )}
          <h1>{title}</h1>
          {lead && <div className="lead">{lead}</div>}
        </div>
        {side && <div className="page-head-side">{side}</div>}
      </header>
      {children}
    </>
  );
}

/** A titled part of a page, in a card. */
export function Section(props: { title: string; side?: ReactNode; flush?: boolean; children: ReactNode }) {
  const id = `section-${props.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  return (
    <section className={`card ${props.flush ? "card-flush" : ""}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{props.title}</h2>
        {props.side && <div className="card-side">{props.side}</div>}
      </header>
      <div className="card-body">{props.children}</div>
    </section>
  );
}

type Fact = readonly [name: string, value: ReactNode, width?: "wide"];

/** Names and values side by side; a wide one takes two places. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value, width]) => (
        <div key={name} className={width}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A wide table that scrolls inside its card on a narrow screen; the keyboard can scroll it too. */
export function TableScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
