import type { FaultProxy, Verdict } from './fault-proxy.ts';

/** A lease on its way to a worker. */
export interface SeenClaim {
  readonly fractal: string;
  readonly band: number;
}

/**
 * Watches a link between a worker and its API for claims that are answered with a lease.
 * @param judge decides what becomes of the answer, which the worker has not seen to its end yet
 */
export function watchClaims(link: FaultProxy, judge: (claim: SeenClaim) => Verdict | Promise<Verdict>): void {
  /** of each conversation, what has come of the answer under way */
  const answers = new WeakMap<object, string>();
  link.watch((piece, to, conversation) => {
    if (to === 'server') return 'pass';
    const text = piece.toString('latin1');
    const answer = (text.startsWith('HTTP/1.1 ') ? '' : (answers.get(conversation) ?? '')) + text;
    answers.set(conversation, answer);
    const [, fractal, number] = /"fractal":"([0-9a-f-]{36})","number":(\d+),.*"token":"/.exec(answer) ?? [];
    if (fractal === undefined) return 'pass';
    answers.delete(conversation);
    return judge({ fractal, band: Number(number) });
  });
}
