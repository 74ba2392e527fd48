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

/** There was nobody to take it. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Whether a call was certainly not carried out: nobody took it, or it was put off. */
const wasRefused = (outcome: Outcome): boolean =>
  'error' in outcome ? NEVER_SENT.includes((outcome.error as NodeJS.ErrnoException).code ?? '') : outcome.answer.status === 429;

/** Whether nobody knows what became of a call that makes something. */
export const isLost = (outcome: Outcome): boolean =>
  ('error' in outcome || outcome.answer.status >= 500 || outcome.answer.status === 408) && !wasRefused(outcome);

/**
 * Tries again while the outcome may pass, at most so often; the last outcome counts.
 * @param attempt one try
 * @param expected statuses that are none to try again for
 * @param makes whether it makes something, so that it must not be done twice
 */
export async function withRetries(
  attempt: () => Promise<Outcome>,
  expected: readonly number[],
  makes = false,
): Promise<{ readonly outcome: Outcome; readonly tries: number }> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt();
    const passes = 'error' in outcome || (PASSING.has(outcome.answer.status) && !expected.includes(outcome.answer.status));
    if (!passes || tries === TRIES || (makes && !wasRefused(outcome))) return { outcome, tries };
    if ('answer' in outcome) await outcome.answer.bytes.return?.();
    const asked = 'answer' in outcome ? Number(outcome.answer.headers['retry-after'] ?? 0) * 1000 : 0;
    await sleep(Math.max(jittered(FIRST_PAUSE_MS * 2 ** (tries - 1)), Math.min(LONGEST_RETRY_AFTER_MS, asked || 0)));
  }
}

/** Half of it at least, so that processes do not come back in step. */
const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);
