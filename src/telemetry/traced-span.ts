import { createHash } from 'node:crypto';
import type { Traceparent } from '../domain/trace.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that has begun. */
export interface TracedSpan {
  /** for what is done within it, here or elsewhere */
  readonly traceparent: Traceparent;
  end(attributes?: Attributes): void;
  fail(error: unknown): void;
}

export interface SpanOptions {
  /** null for the first of a trace */
  readonly parent: Traceparent | null;
  readonly kind?: 'internal' | 'server' | 'client' | 'producer';
  readonly attributes?: Attributes;
  /** what its id is made from, for those who must know it without being told; else it is random */
  readonly id?: string | undefined;
  readonly links?: readonly Traceparent[];
}

export interface Tracer {
  start(name: string, options: SpanOptions): TracedSpan;
}

/** Does work within a span. */
export async function within<T>(span: TracedSpan, work: () => Promise<T>, describe: (answer: T) => Attributes): Promise<T> {
  try {
    const answer = await work();
    span.end(describe(answer));
    return answer;
  } catch (error) {
    span.fail(error);
    throw error;
  }
}

/** What the id of the span of a claim is made from: any process can link to it without having seen it. */
export const claimId = (traceparent: Traceparent, band: number, attempt: number): string =>
  `${traceparent.split('-')[1]}/${band}/${attempt}`;

/** The span of a claim, in the same trace. */
export function claimSpan(traceparent: Traceparent, band: number, attempt: number): Traceparent {
  const [version, traceId, , flags] = traceparent.split('-');
  const id = createHash('sha256')
    .update(claimId(traceparent, band, attempt))
    .digest('hex')
    .slice(0, 16);
  return `${version}-${traceId}-${id}-${flags}`;
}
