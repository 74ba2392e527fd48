import type { Dispatcher, Lease } from '../domain/dispatcher.ts';
import type { Engine } from '../domain/engine.ts';
import type { Traceparent } from '../domain/trace.ts';
import { type Tracer, within } from './traced-span.ts';

/**
 * The same dispatcher and engine. What is drawn and delivered for a claim becomes spans below it: render, thumbnail, deliver. The parts of an assignment are
 * known again by being the same objects.
 */
export function tracedWorker(
  { dispatcher, engine }: { readonly dispatcher: Dispatcher; readonly engine: Engine },
  tracer: Tracer,
): { readonly dispatcher: Dispatcher; readonly engine: Engine } {
  const claims = new WeakMap<object, Traceparent>();
  return {
    dispatcher: {
      claim: async (doorbell, claimant) => {
        // Each band by itself: in a bundle nobody could tell what belongs to which picture.
        const assignment = await dispatcher.claim(doorbell, { ...claimant, most: 1 });
        if (assignment?.trace) {
          const { lease, spec, band, trace } = assignment;
          for (const part of [lease, spec, band]) claims.set(part, trace);
        }
        return assignment;
      },
      deliver: async (lease, ...words) => {
        const parent = claims.get(lease);
        if (parent === undefined) return await dispatcher.deliver(lease, ...words);
        const span = tracer.start('deliver', {
          parent,
          kind: 'client',
          attributes: { ...aboutLease(lease), 'faafo.bytes': words[0].bytes.length },
        });
        const deliver = () => dispatcher.deliver({ ...lease, trace: span.traceparent }, ...words);
        return await within(span, deliver, (answer) => ({ 'faafo.answer': answer }));
      },
      deliverAll: (...words) => dispatcher.deliverAll(...words),
      renew: (...words) => dispatcher.renew(...words),
      release: (...words) => dispatcher.release(...words),
      fail: (...words) => dispatcher.fail(...words),
      report: (...words) => dispatcher.report(...words),
    },
    engine: {
      version: engine.version,
      threads: engine.threads,
      renderBand: async (spec, band, ...words) => {
        const parent = claims.get(band);
        const render = () => engine.renderBand(spec, band, ...words);
        if (parent === undefined) return await render();
        const { firstRow, lastRow } = band.rows;
        const attributes = { 'faafo.first_row': firstRow, 'faafo.last_row': lastRow };
        return await within(tracer.start('render', { parent, attributes }), render, ({ renderMs, bytes }) => ({
          'faafo.render_ms': renderMs,
          'faafo.bytes': bytes.length,
        }));
      },
      renderThumbnail: async (spec, ...words) => {
        const parent = claims.get(spec);
        const render = () => engine.renderThumbnail(spec, ...words);
        if (parent === undefined) return await render();
        return await within(tracer.start('thumbnail', { parent }), render, ({ renderMs }) => ({ 'faafo.render_ms': renderMs }));
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    },
  };
}

const aboutLease = ({ fractal, band, attempt }: Lease) => ({
  'faafo.fractal': fractal,
  'faafo.band': band,
  'faafo.attempt': attempt,
});
