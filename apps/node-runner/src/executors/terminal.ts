/** Size of a terminal, in characters. */
export interface TerminalSize {
  cols: number;
  rows: number;
}

/**
 * A shell in a terminal of its own, beside a session. It prints only while fewer than `STREAM_WINDOW_BYTES` of what it
 * printed are not acknowledged: then it waits, as at a terminal that somebody holds.
 */
export interface Terminal {
  write(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** So many more bytes of its output have been shown. */
  acknowledge(bytes: number): void;
  /** Hangs up: the shell and what it started end. */
  close(): void;
  /** Settles when the shell has ended, with its exit code if there is one, after its last output. */
  readonly ended: Promise<number | null>;
}

/** The shell that people get: bash where there is one. Others know nothing of bash's signs in a prompt. */
export const SHELL = ["/bin/sh", "-c", "command -v bash >/dev/null && exec bash -i; PS1='$PWD$ ' exec sh -i"];
export const SHELL_ENV = { TERM: "xterm-256color", PS1: "\\w$ " };
