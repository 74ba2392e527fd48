import type { FaultProxy, Verdict } from './fault-proxy.ts';

/** A lease on its way to a worker. */
export interface SeenClaim {
  readonly fractal: string;
  readonly band: number;
  readonly token: string;
}

const CLAIM = 'POST /v1/work/claim ';

/**
 * Watches a link between a worker and its API for claims that are answered with a lease.
 * @param judge decides what becomes of the answer, which the worker has not seen yet
 */
export function watchClaims(link: FaultProxy, judge: (claim: SeenClaim) => Verdict | Promise<Verdict>): void {
  /** of each conversation, the claim that it asks for and what came of its answer */
  const asking = new WeakMap<object, { request: string; answer: string }>();
  link.watch((piece, to, conversation) => {
    const text = piece.toString('latin1');
    if (to === 'server') {
      if (text.startsWith(CLAIM)) asking.set(conversation, { request: text, answer: '' });
      else if (/^(?:POST|PUT|GET) \//.test(text)) asking.delete(conversation);
      else {
        const claim = asking.get(conversation);
        if (claim) claim.request += text;
      }
      return 'pass';
    }
    const claim = asking.get(conversation);
    if (!claim) return 'pass';
    claim.answer += text;
    const token = /"token":"([\w-]+)"/.exec(claim.answer)?.[1];
    if (token === undefined) return 'pass';
    asking.delete(conversation);
    const { fractal, band } = JSON.parse(claim.request.slice(claim.request.indexOf('\r\n\r\n') + 4));
    return judge({ fractal, band, token });
  });
}
