import type { DoorbellRinger } from '../domain/queue.ts';
import type { BandClaim, Doorbell, LeaseKey, Repository } from '../domain/repository.ts';
import type { Traceparent } from '../domain/trace.ts';
import { claimId, claimSpan, type TracedSpan, type Tracer, within } from './traced-span.ts';

/** Spans of work that was given up are forgotten beyond so many. */
const MOST_OPEN = 1_000;

/**
 * The same repository and ringer. Each order becomes a trace, or goes on with its client's: the spans order, ring, claim, accept and assemble. A fractal whose
 * order was not traced has none.
 */
export function tracedPorts(
  { repository, ringer }: { readonly repository: Repository; readonly ringer: DoorbellRinger },
  tracer: Tracer,
): { readonly repository: Repository; readonly ringer: DoorbellRinger } {
  /** the order's span, by doorbell between being taken and being rung */
  const due = new WeakMap<Doorbell, Traceparent>();
  return {
    repository: {
      ...repository,
      fractals: { ...repository.fractals, add: (order) => tracedAdd(repository, tracer, order) },
      bands: tracedBands(repository.bands, tracer),
      doorbells: {
        ...repository.doorbells,
        takeDue: async (...words) => {
          const doorbells = await repository.doorbells.takeDue(...words);
          for (const doorbell of doorbells) if (doorbell.trace) due.set(doorbell, doorbell.trace);
          return doorbells;
        },
      },
      assemblies: tracedAssemblies(repository.assemblies, tracer),
    },
    ringer: {
      depth: () => ringer.depth(),
      ping: () => ringer.ping(),
      ring: async (doorbells) => {
        const spans = doorbells.flatMap((doorbell) => {
          const parent = due.get(doorbell);
          const attributes = { 'faafo.fractal': doorbell.fractal, 'faafo.band': doorbell.band };
          return parent ? [tracer.start('ring', { parent, kind: 'producer', attributes })] : [];
        });
        try {
          await ringer.ring(doorbells);
          for (const span of spans) span.end();
        } catch (error) {
          for (const span of spans) span.fail(error);
          throw error;
        }
      },
    },
  };
}

async function tracedAdd({ fractals }: Repository, tracer: Tracer, order: Parameters<Repository['fractals']['add']>[0]) {
  const { id, spec, cut, trace = null } = order;
  const { formula, width, height, iterations } = spec;
  const attributes = {
    'faafo.fractal': id,
    'faafo.formula': formula,
    'faafo.width': width,
    'faafo.height': height,
    'faafo.iterations': iterations,
    'faafo.bands': cut.bands,
  };
  const span = tracer.start('order', { parent: trace, kind: 'server', attributes });
  return await within(
    span,
    () => fractals.add({ ...order, trace: span.traceparent }),
    ({ added }) => ({ 'faafo.added': added }),
  );
}

function tracedBands(bands: Repository['bands'], tracer: Tracer): Repository['bands'] {
  const open = new OpenSpans();
  const claimed = (claim: BandClaim, number: number, host: string): BandClaim => {
    const { fractal, attempt } = claim;
    const { trace: parent = null } = fractal;
    if (parent === null) return claim;
    const span = tracer.start('claim', {
      parent,
      id: claimId(parent, number, attempt),
      attributes: { 'faafo.fractal': fractal.id, 'faafo.band': number, 'faafo.attempt': attempt, 'faafo.worker': host },
      // Who draws it again is led to who tried before.
      links: attempt > 1 ? [claimSpan(parent, number, attempt - 1)] : [],
    });
    span.end();
    return { ...claim, fractal: { ...fractal, trace: span.traceparent } };
  };
  const end = <Answer extends string>(lease: LeaseKey, answer: Answer): Answer => {
    open.take(keyOf(lease))?.end({ 'faafo.answer': answer });
    return answer;
  };
  return {
    ...bands,
    claim: async (...words) => {
      const [{ band, host }] = words;
      const claim = await bands.claim(...words);
      return claim && claimed(claim, band, host);
    },
    claimMore: async (...words) => {
      const [, { host }] = words;
      // They are only bands of their fractals.
      return (await bands.claimMore(...words)).map((claim) => claimed(claim, 0, host));
    },
    check: async (...words) => {
      const [lease] = words;
      const attributes = { 'faafo.fractal': lease.fractal, 'faafo.band': lease.band, 'faafo.attempt': lease.attempt };
      if (lease.trace) open.put(keyOf(lease), tracer.start('accept', { parent: lease.trace, kind: 'server', attributes }));
      const standing = await bands.check(...words);
      if (standing.answer !== 'held' && standing.answer !== 'done') end(lease, standing.answer);
      return standing;
    },
    accept: async (...words) => end(words[0], await bands.accept(...words)),
    finish: async (...words) => end(words[0], await bands.finish(...words)),
  };
}

function tracedAssemblies(assemblies: Repository['assemblies'], tracer: Tracer): Repository['assemblies'] {
  const open = new OpenSpans();
  return {
    ...assemblies,
    claim: async (...words) => {
      const assembly = await assemblies.claim(...words);
      const { id, trace: parent = null } = assembly?.fractal ?? {};
      if (id === undefined || parent === null) return assembly;
      const attributes = { 'faafo.fractal': id, 'faafo.attempt': assembly!.attempt };
      open.put(id, tracer.start('assemble', { parent, attributes }));
      return assembly;
    },
    finish: async (id, attempt, picture) => {
      const isFinished = await assemblies.finish(id, attempt, picture);
      open.take(id)?.end({ 'faafo.finished': isFinished, 'faafo.bytes': picture.sizeBytes });
      return isFinished;
    },
    redraw: async (...words) => {
      const [id, , band] = words;
      open.take(id)?.fail(new Error(`band ${band} is damaged`));
      return await assemblies.redraw(...words);
    },
  };
}

const keyOf = ({ fractal, band, attempt }: LeaseKey): string => `${fractal}/${band}/${attempt}`;

/** Spans that begin in one call and end in another. */
class OpenSpans {
  readonly #spans = new Map<string, TracedSpan>();

  put(key: string, span: TracedSpan): void {
    this.take(key)?.fail(new Error('it was begun again'));
    if (this.#spans.size >= MOST_OPEN) this.#spans.clear();
    this.#spans.set(key, span);
  }

  take(key: string): TracedSpan | undefined {
    const span = this.#spans.get(key);
    this.#spans.delete(key);
    return span;
  }
}
