import { describe, expect, it } from 'vitest';
import { ringDueDoorbells } from '../../src/actions/ring-doorbells.ts';
import { DELIVERY } from '../../src/domain/delivery.ts';
import type { Delivery, Dispatcher } from '../../src/domain/dispatcher.ts';
import type { FractalId } from '../../src/domain/ids.ts';
import { drawPng } from '../../src/engine/draw-png.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { remoteDispatcher } from '../../src/http/remote-dispatcher.ts';
import { writeResults } from '../../src/http/results-body.ts';
import { work } from '../../src/worker/work.ts';
import { openParts } from '../support/service-parts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { drawn, orderIn, type Parts, serveWork } from '../support/work-server.ts';

const SMALL = { width: 120, height: 90, iterations: 100 };

/** A service and a worker's way to it over HTTP; `calls` counts what the worker asks for. */
async function openFarm() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const parts = stack.use(await openParts(folder.path));
  const server = stack.use(await serveWork(parts.dispatcher));
  const remote = remoteDispatcher(server.url);
  const calls = { claim: 0, deliver: 0, deliverAll: 0 };
  const counted = <Words extends unknown[], Answer>(name: keyof typeof calls, call: (...words: Words) => Promise<Answer>) => {
    return (...words: Words) => {
      calls[name]++;
      return call(...words);
    };
  };
  const dispatcher: Dispatcher = {
    ...remote,
    claim: counted('claim', remote.claim),
    deliver: counted('deliver', remote.deliver),
    deliverAll: counted('deliverAll', remote.deliverAll),
  };
  return { parts, server, dispatcher, calls, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A worker that hears one doorbell, though more is due. */
async function workUntil(parts: Parts, dispatcher: Dispatcher, done: () => Promise<boolean>): Promise<string[]> {
  const errors: string[] = [];
  const stop = new AbortController();
  const who = { id: 'w', host: 'h', version: '0', onError: (what: string) => errors.push(what), onDetail: () => undefined };
  const working = work({ ...who, listener: parts.queue, engine: parts.engine, dispatcher }, stop.signal, 5_000);
  await ringDueDoorbells(parts.ports, 1);
  await until(done);
  stop.abort();
  await working;
  return errors;
}

const orderMany = async (parts: Parts, count: number): Promise<FractalId[]> => {
  const ids: FractalId[] = [];
  for (let i = 0; i < count; i++) ids.push(await orderIn(parts, { ...SMALL, iterations: SMALL.iterations + i }));
  return ids;
};

const claimant = (parts: Parts, token: string) => ({ host: 'h', engineVersion: parts.engine.version, token, most: 64 });

describe('small pictures that wait', () => {
  it('are claimed in one request, and delivered in one', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher, calls } = farm;
    const ids = await orderMany(parts, 5);
    const { fractals } = parts.ports.repository;
    const errors = await workUntil(parts, dispatcher, async () => (await fractals.count({ state: 'done' })) === ids.length);
    expect(errors).toEqual([]);
    expect(calls).toEqual({ claim: 1, deliver: 0, deliverAll: 1 });
    for (const id of ids) {
      const { spec, picture } = (await fractals.find(id))!;
      const stored = await bytesOf(await parts.ports.store.get(picture!.key));
      expect(stored.equals(await bytesOf(drawPng(parts.engine, createPngFrame(), spec)))).toBe(true);
    }
  });

  it('are delivered by themselves where nothing was decided about them together', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher, calls } = farm;
    const ids = await orderMany(parts, 3);
    const damaging: Dispatcher = {
      ...dispatcher,
      deliverAll: ([first, ...others]) => {
        const bytes = Buffer.from(first!.band.bytes);
        bytes[30]! ^= 1;
        return dispatcher.deliverAll([{ ...first!, band: { ...first!.band, bytes } }, ...others]);
      },
    };
    const { fractals } = parts.ports.repository;
    const errors = await workUntil(parts, damaging, async () => (await fractals.count({ state: 'done' })) === ids.length);
    expect(errors).toEqual([]);
    expect(calls).toEqual({ claim: 1, deliver: 1, deliverAll: 1 });
  });

  it('are the same when their claim is repeated, and are no more than one claim may give', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    const ids = await orderMany(parts, DELIVERY.bundleBands + 3);
    const token = 'lease_of-this-very-test';
    const first = await dispatcher.claim({ fractal: ids[0]!, band: 0 }, claimant(parts, token));
    expect(first!.more).toHaveLength(DELIVERY.bundleBands - 1);
    const again = await dispatcher.claim({ fractal: ids[0]!, band: 0 }, { ...claimant(parts, token), isRepeated: true });
    expect(again).toEqual(first);
    const { most: _, ...alone } = claimant(parts, 'lease_of-somebody-else');
    expect(await dispatcher.claim({ fractal: ids.at(-1)!, band: 0 }, alone)).not.toHaveProperty('more');
  });

  it('are judged one by one: only those that this lease holds are taken', async () => {
    await using farm = await openFarm();
    const { parts, dispatcher } = farm;
    const ids = await orderMany(parts, 4);
    const first = (await dispatcher.claim({ fractal: ids[0]!, band: 0 }, claimant(parts, 'lease_of-this-very-test')))!;
    const all = [first, ...first.more!];
    const deliveries: Delivery[] = [];
    for (const assignment of all) deliveries.push({ lease: assignment.lease, ...(await drawn(parts, assignment)) });
    await parts.ports.repository.fractals.cancel(ids[1]!);
    const bare = deliveries.map((delivery, i) => (i === 2 ? { ...delivery, thumbnail: null } : delivery));
    const late = bare.map((delivery, i) => (i === 3 ? { ...delivery, lease: { ...delivery.lease, attempt: 7 } } : delivery));
    expect(await dispatcher.deliverAll(late)).toEqual(['accepted', 'cancelled', null, 'stale']);
    const strange = deliveries.map(({ lease, ...same }) => ({ ...same, lease: { ...lease, token: 'lease_of-a-stranger' } }));
    expect(await dispatcher.deliverAll(strange.slice(2))).toEqual(['stale', 'stale']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a length alone', Buffer.of(0, 0, 0, 9)],
    ['no JSON', Buffer.from('\0\0\0\x03abcd')],
    ['no results', writeResults([], [])],
    ['words that are none', writeResults([{ fractal: '../..' }], [])],
    ['an endless head', Buffer.of(255, 255, 255, 255, 1)],
  ])('are refused as %s', async (_, body) => {
    await using farm = await openFarm();
    const headers = { 'content-type': 'application/octet-stream', 'faafo-lease': 'lease_of-this-very-test' };
    const init = { method: 'PUT', body: body as BodyInit };
    const put = (more: object) => fetch(`${farm.server.url}/v1/work/results`, { ...init, headers: { ...headers, ...more } });
    expect((await put({})).status).toBe(422);
    expect((await put({ 'faafo-lease': '' })).status).toBe(401);
  });
});

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = [];
  for await (const chunk of chunks) copies.push(chunk.slice());
  return Buffer.concat(copies);
}
