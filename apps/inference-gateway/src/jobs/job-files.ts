import { appendFileSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { Log } from "../log.ts";
import { Job, type Outcome, outcomeSchema, type Submission, submissionSchema } from "./job.ts";

/** A line of JSON stands before the bytes; no request has more headers than this. */
const MAX_HEAD_BYTES = 256 * 1024;

/**
 * The jobs of a folder, three files each: `ID.input` and `ID.result`, whole and on the disk or not there, and
 * `ID.runs`, to which each start appends `r`, one that does not count `u`, the bill `b`, and the webhook's last word `w`.
 *
 * Crashes: without `.input` there is no job and its caller got no 202; without `.result` it is run again.
 */
export class JobFiles {
  private constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {}

  static async open(folder: string, log: Log): Promise<JobFiles> {
    const path = join(folder, "jobs");
    await mkdir(path, { recursive: true, mode: 0o700 });
    return new JobFiles(path, log);
  }

  /** Every job that is whole; what a crash left half-written is removed. */
  async load(): Promise<{ job: Job; isTold: boolean }[]> {
    const names = await readdir(this.folder);
    for (const name of names) if (name.endsWith(".partial")) await rm(this.#path(name));
    const jobs = [];
    for (const name of names.filter((each) => each.endsWith(".input")).sort()) {
      try {
        jobs.push(await this.#loadOne(name.slice(0, -".input".length)));
      } catch (error) {
        this.log.warn({ err: error, name }, "A job can't be read and is left where it is.");
      }
    }
    return jobs;
  }

  async saveInput(submission: Submission, body: Uint8Array): Promise<Job> {
    const bytes = await this.#write(`${submission.id}.input`, submission, body);
    return new Job(submission, bytes);
  }

  /** Its bytes on the disk. */
  async saveResult(job: Job, outcome: Outcome, body: Uint8Array): Promise<number> {
    return this.#write(`${job.id}.result`, outcome, body);
  }

  async readInput(job: Job): Promise<Uint8Array<ArrayBuffer>> {
    return bodyOf(await readFile(this.#path(`${job.id}.input`)));
  }

  async readResult(job: Job): Promise<Uint8Array<ArrayBuffer>> {
    return bodyOf(await readFile(this.#path(`${job.id}.result`)));
  }

  /** Survives the process, not the machine; synchronous, so that nothing comes between it and what it stands for. */
  mark(job: Job, what: "r" | "u" | "b" | "w") {
    appendFileSync(this.#path(`${job.id}.runs`), what, { mode: 0o600 });
  }

  /** The input first: a job without one is no job. */
  async remove(job: Job) {
    for (const kind of ["input", "result", "runs"])
      await rm(this.#path(`${job.id}.${kind}`), { force: true });
  }

  async #loadOne(id: string) {
    const submission = submissionSchema.parse(await this.#head(`${id}.input`));
    const job = new Job(submission, (await stat(this.#path(`${id}.input`))).size);
    const runs = await readFile(this.#path(`${id}.runs`), "utf8").catch(absent);
    for (const mark of runs ?? "") job.starts += mark === "r" ? 1 : mark === "u" ? -1 : 0;
    job.isBilled = runs?.includes("b") ?? false;
    const size = await stat(this.#path(`${id}.result`)).catch(absent);
    if (size) job.finish(outcomeSchema.parse(await this.#head(`${id}.result`)), size.size);
    return { job, isTold: runs?.includes("w") ?? false };
  }

  async #head(name: string): Promise<unknown> {
    const file = await open(this.#path(name), "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEAD_BYTES), 0, MAX_HEAD_BYTES, 0);
      return JSON.parse(buffer.toString("utf8", 0, buffer.subarray(0, bytesRead).indexOf(0x0a)));
    } finally {
      await file.close();
    }
  }

  async #write(
    name: string,
    head: z.infer<typeof submissionSchema> | Outcome,
    body: Uint8Array,
  ): Promise<number> {
    const line = Buffer.from(`${JSON.stringify(head)}\n`);
    const partial = this.#path(`${name}.partial`);
    const file = await open(partial, "w", 0o600);
    try {
      await file.writeFile(line);
      await file.writeFile(body);
      await file.sync();
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await rename(partial, this.#path(name));
    await this.#syncFolder();
    return line.byteLength + body.byteLength;
  }

  async #syncFolder() {
    const folder = await open(this.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

function bodyOf(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return file.subarray(file.indexOf(0x0a) + 1);
}

function absent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}
