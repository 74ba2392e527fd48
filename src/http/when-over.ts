import type { ServerResponse } from 'node:http';

/**
 * Calls once when an answer is over, sent or not: at once where that is so already. Whoever asks may be gone while it is still found out who it was, and
 * what is only then taken for the answer would never be given back.
 */
export function whenOver(response: ServerResponse, then: () => void): void {
  if (response.closed) then();
  else response.once('close', then);
}
