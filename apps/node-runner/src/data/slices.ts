const AT_ONCE = 2048;

/**
 * Does short synchronous work for every item. A system call for a file in the kernel's cache takes a microsecond or
 * two, less than handing it to another thread; between slices everything else of this process gets its turn.
 */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => void, signal?: AbortSignal) {
  let done = 0;
  for (const item of items) {
    work(item);
    if (++done % AT_ONCE > 0) continue;
    await giveWay();
    signal?.throwIfAborted();
  }
}

/** Lets everything else of this process have its turn. */
export function giveWay(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
