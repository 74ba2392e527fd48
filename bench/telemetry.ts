import { mkdir, writeFile } from 'node:fs/promises';
import { bandOf, cutOf } from '../src/domain/band.ts';
import type { Dispatcher } from '../src/domain/dispatcher.ts';
import type { Engine } from '../src/domain/engine.ts';
import type { LeaseKey, Repository } from '../src/domain/repository.ts';
import type { ObjectKey, Store } from '../src/domain/store.ts';
import { measuredDispatcher } from '../src/telemetry/measured-dispatcher.ts';
import { measuredEngine } from '../src/telemetry/measured-engine.ts';
import { measuredRepository } from '../src/telemetry/measured-repository.ts';
import { measuredStore } from '../src/telemetry/measured-store.ts';
import { Meters } from '../src/telemetry/meters.ts';
import { requestMeters } from '../src/telemetry/requests.ts';
import { aSpec } from '../test/support/specs.ts';
import { medianMs, round } from './support/measure.ts';

/*
 * What watching costs: CPU of all measured calls that a small fractal of one band makes on its way, API and worker together, less that of the same calls
 * unmeasured, whose insides do nothing. And what a scrape costs.
 */

const FRACTALS = 50_000;
const spec = aSpec({ width: 256, height: 256, iterations: 128 });
const band = bandOf(spec.height, cutOf(spec), 0);
const rendered = { bytes: new Uint8Array(10), split: 10, sha256: '', adler: 1, mirrorAdler: 1, renderMs: 4 };
const key = 'key' as ObjectKey;
const fractal = { id: 'f', createdAt: 0, spec };
const nothing = async (): Promise<undefined> => undefined;

const repository = {
  fractals: {},
  retention: {},
  doorbells: {},
  trash: { forget: nothing },
  bands: {
    claim: async () => ({ fractal, band, attempt: 1 }),
    check: async () => ({ answer: 'held', fractal: { ...fractal, cut: { bands: 1 } } }),
    finish: async () => 'complete',
  },
  assemblies: {},
} as unknown as Repository;
const store = { put: nothing, get: nothing, remove: nothing } as unknown as Store;
const dispatcher = { claim: async () => ({}), deliver: async () => 'accepted', report: nothing } as unknown as Dispatcher;
const engine = {
  threads: 2,
  renderBand: async () => rendered,
  renderThumbnail: async () => ({ bytes: rendered.bytes, renderMs: 4 }),
} as unknown as Engine;

interface Parts {
  readonly repository: Repository;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
}

async function pass({ repository, store, dispatcher, engine }: Parts): Promise<void> {
  const lease = {} as LeaseKey;
  await dispatcher.claim({} as never, {} as never);
  await repository.bands.claim({} as never);
  await engine.renderBand(spec, band);
  await engine.renderThumbnail(spec);
  await dispatcher.deliver({} as never, rendered, rendered.bytes);
  await store.put(key, rendered.bytes);
  await store.put(key, rendered.bytes);
  await repository.bands.check(lease);
  await repository.bands.finish(lease, rendered, { checksum: '', sizeBytes: 10, key, sums: null });
}

async function cpuUs(parts: Parts, also: () => void): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < FRACTALS; i++) {
    await pass(parts);
    also();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / FRACTALS;
}

const meters = new Meters({ version: '0' });
const observer = requestMeters(meters);
const plain: Parts = { repository, store, dispatcher, engine };
const measured: Parts = {
  repository: measuredRepository(repository, meters),
  store: measuredStore(store, meters),
  dispatcher: measuredDispatcher(dispatcher, meters),
  engine: measuredEngine(engine, meters),
};
/** An order, a claim, a result. */
const requests = () => {
  observer.answered({ method: 'POST', route: '/v1/fractal', status: 201, seconds: 0.01 });
  observer.answered({ method: 'POST', route: '/v1/work/claim', status: 200, seconds: 0.01 });
  observer.answered({ method: 'PUT', route: '/v1/work/result', status: 200, seconds: 0.01 });
};
await cpuUs(plain, () => undefined);
await cpuUs(measured, requests);
const [without, with_] = [await cpuUs(plain, () => undefined), await cpuUs(measured, requests)];
const result = {
  'CPU us a fractal, unmeasured': round(without),
  'CPU us a fractal, measured': round(with_),
  'CPU us a fractal, of measuring': round(with_ - without),
  'scrape ms, median': round(await medianMs(100, () => meters.scrape())),
  'scrape bytes': (await meters.scrape()).text.length,
};
console.table(result);
await mkdir('build/bench', { recursive: true });
await writeFile('build/bench/telemetry.json', `${JSON.stringify(result, null, 2)}\n`);
process.exit();
