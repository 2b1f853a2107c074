import type { Call } from "./call.ts";

/** Calls in order of arrival. Linked through the calls themselves: joining and leaving anywhere allocates nothing. */
export class CallQueue {
  first: Call | null = null;
  #last: Call | null = null;
  size = 0;

  push(call: Call) {
    call.previous = this.#last;
    call.next = null;
    if (this.#last) this.#last.next = call;
    else this.first = call;
    this.#last = call;
    this.size += 1;
  }

  /** To the head: for a call whose replica died. */
  unshift(call: Call) {
    call.next = this.first;
    call.previous = null;
    if (this.first) this.first.previous = call;
    else this.#last = call;
    this.first = call;
    this.size += 1;
  }

  remove(call: Call) {
    if (call.previous) call.previous.next = call.next;
    else this.first = call.next;
    if (call.next) call.next.previous = call.previous;
    else this.#last = call.previous;
    call.previous = null;
    call.next = null;
    this.size -= 1;
  }
}
