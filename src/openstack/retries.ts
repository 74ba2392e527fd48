import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudAnswer } from '../domain/cloud.ts';

/** Of one call. With the pauses between them they are over within two seconds, where answers come at once. */
const TRIES = 5;
const FIRST_PAUSE_MS = 100;
/** What a service may ask for at most: whoever called has patience of its own. */
const LONGEST_RETRY_AFTER_MS = 5_000;

/** 422: what came is not what was sent, by its checksum. */
const PASSING = new Set([408, 422, 429, 500, 502, 503, 504]);

/** How one try ended: with an answer, or without. */
export type Outcome = { readonly answer: CloudAnswer } | { readonly error: Error };

/** Tries again while the outcome may pass, at most so often; the last outcome counts. @param attempt one try. @param expected statuses that are none to try again for */
export async function withRetries(
  attempt: () => Promise<Outcome>,
  expected: readonly number[],
): Promise<{ readonly outcome: Outcome; readonly tries: number }> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt();
    const passes = 'error' in outcome || (PASSING.has(outcome.answer.status) && !expected.includes(outcome.answer.status));
    if (!passes || tries === TRIES) return { outcome, tries };
    if ('answer' in outcome) await outcome.answer.bytes.return?.();
    const asked = 'answer' in outcome ? Number(outcome.answer.headers['retry-after'] ?? 0) * 1000 : 0;
    await sleep(Math.max(jittered(FIRST_PAUSE_MS * 2 ** (tries - 1)), Math.min(LONGEST_RETRY_AFTER_MS, asked || 0)));
  }
}

/** Half of it at least, so that processes do not come back in step. */
const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);
