import type { Engine } from '../domain/engine.ts';
import { costOf } from '../domain/spec.ts';
import { LONG, type Meters } from './meters.ts';

/** The same engine. What it draws is counted. */
export function measuredEngine(engine: Engine, meters: Meters): Engine {
  const rendering = meters.histogram(
    'faafo_worker_render_duration_seconds',
    'Time of one band or thumbnail on its thread',
    { what: ['band', 'thumbnail'] },
    LONG,
  );
  const failures = meters.counter('faafo_worker_render_failures_total', 'Bands that could not be drawn; cancelled ones left out');
  const steps = meters.counter(
    'faafo_worker_pixel_iterations_total',
    'Points times iterations of the bands that were drawn: an upper bound on the steps that were taken',
  );
  meters.gauge('faafo_worker_threads', 'Threads that draw').set(engine.threads);
  const busy = meters.gauge('faafo_worker_threads_busy', 'Bands that are drawn now');
  busy.set(0);
  return {
    version: engine.version,
    threads: engine.threads,
    renderBand: async (spec, band, signal) => {
      busy.inc();
      try {
        const rendered = await engine.renderBand(spec, band, signal);
        rendering.observe({ what: 'band' }, rendered.renderMs / 1000);
        const { rows, mirror } = band;
        const height = rows.lastRow - rows.firstRow + (mirror ? mirror.lastRow - mirror.firstRow : 0);
        steps.inc(Number(costOf({ ...spec, height })));
        return rendered;
      } catch (error) {
        if (!signal?.aborted) failures.inc();
        throw error;
      } finally {
        busy.dec();
      }
    },
    renderThumbnail: async (spec, signal) => {
      const thumbnail = await engine.renderThumbnail(spec, signal);
      rendering.observe({ what: 'thumbnail' }, thumbnail.renderMs / 1000);
      return thumbnail;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
