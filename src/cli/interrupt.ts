/** The person (Ctrl-C) or the system asked the command to end. */
export class Interrupted extends Error {
  /** exit status by custom: 128 + the signal's number */
  readonly status: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal);
    this.status = signal === 'SIGINT' ? 130 : 143;
  }
}

/** A terminal and npx may both pass one Ctrl-C on; only a later one is meant as "at once". */
const SAME_WISH_MS = 500;

/**
 * Aborts at the first SIGINT or SIGTERM, so that temporary files are removed and terminals restored. Another one ends the process at once.
 * The signal's reason is an Interrupted.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const reason = new Interrupted(signal);
      if (controller.signal.aborted && performance.now() - firstAt > SAME_WISH_MS) process.exit(reason.status);
      firstAt ||= performance.now();
      controller.abort(reason);
    });
  }
  return controller.signal;
}

/** Work that the signal ends: what is thrown then is the signal's reason, and not the abort of whatever was waited for. */
export async function interruptible<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
