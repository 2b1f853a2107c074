import type { Pass } from "../admission/pass.ts";

/** A submitted call on its way to the model: its caller was let in when it was taken. */
export class JobRequest extends Request {
  constructor(
    url: string,
    init: RequestInit,
    readonly pass: Pass,
  ) {
    super(url, init);
  }
}
