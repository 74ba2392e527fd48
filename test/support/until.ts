import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until there is an answer other than undefined, null or false. @param restMs between two questions @throws after timeoutMs */
export async function until<T>(ask: () => T | Promise<T>, timeoutMs = 20_000, restMs = 20): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`still nothing after ${timeoutMs} ms: ${ask}`);
    await sleep(restMs);
  }
}
