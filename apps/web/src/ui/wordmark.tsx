/** The sign and the name. */
export function Wordmark({ large = false }: { large?: boolean }) {
  return (
    <span className={`wordmark ${large ? "wordmark-large" : ""}`}>
      <svg viewBox="0 0 24 20" aria-hidden="true">
        <path className="wordmark-first" d="M8.5 1h7v18h-7z" />
        <path className="wordmark-second" d="M0 8h7v11H0z" />
        <path className="wordmark-third" d="M17 12h7v7h-7z" />
      </svg>
      Podium
    </span>
  );
}
