import { type Fractal, progressOf } from '../domain/fractal.ts';
import type { FractalEvent } from '../domain/repository.ts';
import type { EventMessage, FractalResource, OneFractalResource } from './schemas.ts';

/** The fractal as clients see it, under the Fractals application's column names. */
export function toResource(fractal: Fractal): FractalResource {
  const { spec, picture } = fractal;
  const done = fractal.state === 'done';
  return {
    uuid: fractal.id,
    url: `/fractal/${fractal.id}`,
    owner: fractal.owner,
    state: fractal.state,
    progress: progressOf(fractal),
    checksum: picture?.checksum ?? null,
    size: picture?.sizeBytes ?? null,
    duration: done ? Math.round(fractal.renderMs * 1000) / 1e6 : null,
    generated_by: fractal.hosts.length > 0 ? fractal.hosts.join(',') : null,
    formula: spec.formula,
    power: spec.power,
    width: spec.width,
    height: spec.height,
    iterations: spec.iterations,
    ...spec.viewport,
    c_re: spec.c?.re ?? null,
    c_im: spec.c?.im ?? null,
    c_source: spec.cSource,
    seed: spec.seed,
    palette: spec.palette,
    density: spec.density,
    offset: spec.offset,
    interior: spec.interior,
    shade: spec.shade,
    samples: spec.samples,
    bands: fractal.cut.bands,
    created_at: new Date(fractal.createdAt).toISOString(),
    finished_at: fractal.finishedAt === null ? null : new Date(fractal.finishedAt).toISOString(),
    error: fractal.error,
  };
}

export function toOneResource(fractal: Fractal): OneFractalResource {
  const drawnBy = fractal.drawnBy?.map(({ host, bands, renderMs, ranges }) => ({
    host,
    bands,
    seconds: Math.round(renderMs * 1000) / 1e6,
    ranges: ranges?.map(([first, last]): [number, number] => [first, last]) ?? null,
  }));
  return { ...toResource(fractal), drawn_by: drawnBy ?? null };
}

export function toMessage(event: FractalEvent): EventMessage {
  const { type, fractal, state, progress, at } = event;
  return { type, uuid: fractal, state, progress, at: new Date(at).toISOString() };
}
