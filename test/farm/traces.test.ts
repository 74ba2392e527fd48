import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { Farm } from '../faults/support/farm.ts';
import { type CollectedSpan, openCollector } from '../support/collector.ts';
import { anOrder, finished, order, SIEGEL_DISC } from '../support/orders.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const ENVIRONMENT = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_BSP_SCHEDULE_DELAY'];

/** Says on stderr what a process loads of OpenTelemetry. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) process.stderr.write('LOADS ' + specifier + '\\n');
    return next(specifier, context);
  } });`)}`;

describe('traces of a farm', () => {
  let collector: Awaited<ReturnType<typeof openCollector>>;
  let farm: Farm;
  beforeAll(async () => {
    collector = await openCollector();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    process.env.OTEL_BSP_SCHEDULE_DELAY = '100';
    farm = await Farm.open({ seed: 1, apis: 2, workers: 2, direct: true });
  });
  afterAll(async () => {
    for (const name of ENVIRONMENT) delete process.env[name];
    await farm?.[Symbol.asyncDispose]();
    await collector?.[Symbol.asyncDispose]();
  });

  const spansOf = (traceId: string, name?: string): CollectedSpan[] =>
    collector.spans.filter((span) => span.traceId === traceId && (name === undefined || span.name === name));
  const orderOf = (uuid: string) =>
    until(() => collector.spans.find(({ name, attributes }) => name === 'order' && attributes['faafo.fractal'] === uuid));

  it('lead from the order through queue, claim, render, delivery and acceptance to the picture, in all processes', async () => {
    const { uuid } = await order(farm.url(), { width: 1200, height: 900, iterations: 200, palette: 'ember' });
    const { traceId, spanId, parentSpanId, attributes, service } = await orderOf(uuid);
    expect([parentSpanId, service]).toEqual(['', 'faafo-api']);
    await finished(farm.url(), uuid, 'done', 60_000);
    const bands = Number(attributes['faafo.bands']);
    expect(bands).toBeGreaterThan(1);
    await until(() => spansOf(traceId, 'assemble').length === 1 && spansOf(traceId, 'deliver').length === bands);
    const ids = (name: string) => spansOf(traceId, name).map((span) => span.spanId);
    const parents = (name: string) => spansOf(traceId, name).map((span) => span.parentSpanId);
    for (const name of ['ring', 'claim', 'assemble']) expect(new Set(parents(name)), name).toEqual(new Set([spanId]));
    expect(ids('claim')).toHaveLength(bands);
    expect(new Set(parents('render'))).toEqual(new Set(ids('claim')));
    expect(new Set(parents('deliver'))).toEqual(new Set(ids('claim')));
    expect(new Set(parents('accept'))).toEqual(new Set(ids('deliver')));
    expect(parents('thumbnail')).toHaveLength(1);
    const services = (names: readonly string[]) => [
      ...new Set(names.flatMap((name) => spansOf(traceId, name).map((span) => span.service))),
    ];
    expect(services(['order', 'ring', 'claim', 'accept', 'assemble'])).toEqual(['faafo-api']);
    expect(services(['render', 'thumbnail', 'deliver'])).toEqual(['faafo-worker']);
    expect(
      new Set(collector.spans.filter((span) => span.attributes['faafo.fractal'] === uuid).map((span) => span.traceId)).size,
    ).toBe(1);
  }, 90_000);

  it('go on with the trace of the client, and not with one that says that it is not recorded', async () => {
    const [traceId, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const orderWithin = async (traceparent: string) => {
      const response = await fetch(`${farm.url()}/v1/fractal`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent },
        body: JSON.stringify(anOrder()),
      });
      expect(response.status).toBe(201);
      const { uuid } = (await response.json()) as { uuid: string };
      await finished(farm.url(), uuid, 'done', 60_000);
      return uuid;
    };
    const silent = await orderWithin(`00-${traceId.replace('4', '5')}-${parent}-00`);
    const odd = await orderWithin('00-nonsense-01');
    const told = await orderWithin(`00-${traceId}-${parent}-01`);
    expect(await orderOf(told)).toMatchObject({ traceId, parentSpanId: parent });
    expect(await orderOf(odd)).toMatchObject({ parentSpanId: '' });
    await until(() => spansOf(traceId, 'accept').length === 1);
    expect(collector.spans.filter(({ attributes }) => attributes['faafo.fractal'] === silent)).toEqual([]);
  }, 90_000);

  it('link a band that is drawn again to who tried before', async () => {
    const { uuid } = await order(farm.url(), { ...SIEGEL_DISC, width: 512, height: 300, iterations: 240_000 });
    const { traceId } = await orderOf(uuid);
    // It is in work for longer than a worker is silent.
    const holder = await until(async () => {
      const { objects } = await new Client(farm.url()).workers();
      return objects.find(({ work }) => work.some((each) => each.uuid === uuid)) ?? null;
    });
    await until(() => spansOf(traceId, 'claim').length > 0);
    // Workers on one machine differ by their id only, which their processes do not show: both are ended.
    expect(holder.host).toBeTruthy();
    await Promise.all(farm.workers.map((worker) => worker.restart()));
    const again = await until(
      () => spansOf(traceId, 'claim').find(({ attributes }) => attributes['faafo.attempt'] === 2),
      60_000,
    );
    const first = spansOf(traceId, 'claim').find(
      ({ attributes }) => attributes['faafo.attempt'] === 1 && attributes['faafo.band'] === again.attributes['faafo.band'],
    );
    expect(again.links).toMatchObject([{ traceId, spanId: first?.spanId }]);
    await finished(farm.url(), uuid, 'done', 120_000);
  }, 300_000);
});

describe('without a collector', () => {
  it.each([
    ['nothing of it is loaded', {}, false],
    ['with one it is, and a collector that is away keeps nobody', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, true],
  ])(
    '%s',
    async (_title, more, isLoaded) => {
      await using folder = await temporaryFolder();
      await using api = await startApi({ dataDir: folder.path, env: { NODE_OPTIONS: `--import=${WATCH}`, ...more } });
      const { uuid } = await order(api.url);
      await finished(api.url, uuid);
      const asked = performance.now();
      expect(await api.stop()).toBe(0);
      expect(performance.now() - asked).toBeLessThan(8_000);
      const loaded = [...new Set([...api.log().matchAll(/LOADS (\S+)/g)].map(([, name]) => name))];
      // prom-client brings the API along; what does the work is the SDK.
      expect(loaded.filter((name) => name !== '@opentelemetry/api').length > 0).toBe(isLoaded);
    },
    90_000,
  );
});
