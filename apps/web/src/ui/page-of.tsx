import type { ReactNode } from "react";
import { Page } from "./page.tsx";
import { type Answer, Show } from "./states.tsx";

interface PageOfProps<T> {
  answer: Answer<T>;
  what: string;
  title: string;
  up: { to: string; text: string };
  children: (data: T) => ReactNode;
}

/** The page of one thing; until it is there, or when it can't be had, a page that says so and leads back. */
export function PageOf<T>({ answer, what, title, up, children }: PageOfProps<T>) {
  if (answer.data !== undefined) return children(answer.data);
  return (
    <Page title={title} up={up}>
      <Show answer={answer} what={what}>
        {children}
      </Show>
    </Page>
  );
}
