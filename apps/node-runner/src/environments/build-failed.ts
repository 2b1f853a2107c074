import { AttemptFailure } from "../supervision/failures.ts";

/** A build that failed for a reason that lies with the files it was made from. */
export class BuildFailed extends AttemptFailure {
  constructor(message: string) {
    super({
      code: "prepare_failed",
      message,
      location: null,
      hint: "The session's log shows the whole build. Nothing of it was kept: change the file and run again.",
    });
  }
}
