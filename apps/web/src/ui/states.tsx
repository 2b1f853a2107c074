import type { ReactNode } from "react";
import { problemBehind } from "../api/problem.ts";

/** Says that a view is on its way, without jumping when the answer is quick. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      Loading {what}…
    </div>
  );
}

/** Nothing to show yet: says why, and what to do next. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      <div className="empty-text">{children}</div>
    </div>
  );
}

/** What went wrong in the hub's own words, field by field where it says so, with a way to try again. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: (() => unknown) | undefined }) {
  const problem = problemBehind(error);
  const mayPass = problem.status === 0 || problem.status === 429 || problem.status >= 500;
  return (
    <div className="notice notice-bad" role="alert">
      <p className="notice-text">{problem.detail}</p>
      {problem.errors && problem.errors.length > 1 && (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li key={`${path}:${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <p className="notice-foot">
        {retry && mayPass && (
          <button type="button" className="button small" onClick={() => void retry()}>
            Try again
          </button>
        )}
        <code>{problem.code}</code>
        {problem.instance && (
          <span>
            Request <code>{problem.instance}</code>
          </span>
        )}
      </p>
    </div>
  );
}

export interface Answer<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** One of three: still loading, failed, or the data. Data that is there stays on screen while a refetch fails. */
export function Show<T>(props: { answer: Answer<T>; what: string; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = props.answer;
  if (data !== undefined) return <>{props.children(data)}</>;
  if (error) return <ProblemNotice error={error} retry={refetch} />;
  return <Loading what={props.what} />;
}
