import { type ReactNode, useEffect } from "react";
import { Wordmark } from "../../ui/wordmark.tsx";

/** The frame of the log-in and sign-up pages. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Podium`;
  }, [title]);
  return (
    <main className="entrance" id="main">
      <div className="entrance-card">
        <Wordmark large />
        <p className="entrance-lead">Competitions on shared GPU nodes. Winning models over REST.</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
