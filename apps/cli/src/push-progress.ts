import type { Cli } from "./cli.ts";
import { counted, formatBytes } from "./quantities.ts";
import type { LocalFile } from "./scan.ts";

/** One line for the terminal, not redrawn for every small file. */
export class PushProgress {
  readonly #total: number;
  #named = 0;
  #files = 0;
  #sent = 0;
  #shownMs = 0;

  constructor(
    private readonly cli: Cli,
    private readonly path: string,
    private readonly files: readonly LocalFile[],
  ) {
    this.#total = files.reduce((sum, file) => sum + file.size, 0);
  }

  begin() {
    this.#named = 0;
    this.#files = 0;
  }

  named(bytes: number) {
    this.#named += bytes;
    this.#files += 1;
    this.#show();
  }

  sent(bytes: number) {
    this.#sent = bytes;
    this.#show();
  }

  #show() {
    const now = performance.now();
    if (now - this.#shownMs < 100) return;
    this.#shownMs = now;
    this.cli.out.progress(
      `Pushing ${this.path}: ${this.#files} of ${counted(this.files.length, "file")}, ${formatBytes(this.#named)} of ${formatBytes(this.#total)} read, ${formatBytes(this.#sent)} sent`,
    );
  }
}
