import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Client } from '../../src/http/client.ts';
import { Farm } from '../faults/support/farm.ts';
import { anOrder, finished, look, order, SIEGEL_DISC, send } from '../support/orders.ts';
import { freePort } from '../support/servers/processes.ts';
import { type PrivatePrometheus, startPrometheus } from '../support/servers/prometheus.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const DEPLOY = resolve(import.meta.dirname, '../../deploy');
/** From Debian's package prometheus. */
const PROMTOOL = '/usr/bin/promtool';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

const dashboard = JSON.parse(readFileSync(join(DEPLOY, 'grafana/faafo.json'), 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
const alerts = parse(readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};

/** As Grafana would ask. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');

/** Names of metrics in an expression: what is in quotes or braces, or after by, is none. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(by|on|without)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/\b(?:faafo|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
}

/** Names of the series in a scrape. */
const seriesIn = (text: string): Set<string> => new Set([...text.matchAll(/^([a-z][a-z0-9_]*)[{ ]/gm)].map(([, name]) => name!));

/** @returns what promtool has against a scrape */
function lint(text: string): string {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain; version=/)]);
  return await response.text();
}

/** The value of one series, NaN when it is not there. @param labels in the order in which they stand there */
function sampleOf(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

describe('the dashboard', () => {
  it('is one that Grafana can import: ids once, nothing overlaps, units, a description of each source', () => {
    const { panels, templating } = dashboard;
    expect(dashboard).toMatchObject({ uid: 'faafo', schemaVersion: 39 });
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Orders and queue',
      'Farm',
      'HTTP',
      'Dependencies',
      'Processes',
    ]);
    const cells = new Map<string, string>();
    for (const {
      title,
      type,
      gridPos: { x, y, w, h },
      targets,
      datasource,
      fieldConfig,
    } of panels) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          expect(cells.get(`${row} ${column}`)).toBeUndefined();
          cells.set(`${row} ${column}`, title);
        }
      }
      if (type === 'row') continue;
      expect(datasource?.uid).toMatch(/^\$\{datasource\}$/);
      expect(targets?.length).toBeGreaterThan(0);
      expect(new Set(targets?.map(({ refId }) => refId)).size).toBe(targets?.length);
      if (type === 'stat' || type === 'timeseries') expect(fieldConfig?.defaults.unit, title).toBeTruthy();
    }
  });
});

describe('a Prometheus that scrapes a farm', () => {
  let farm: Farm;
  let workerUrl: string;
  let internalUrl: string;
  let prometheus: PrivatePrometheus;
  let api: string;
  let worker: string;
  let pictureBytes: number;
  const listening = new AbortController();

  beforeAll(async () => {
    const [workerPort, internalPort] = [await freePort(), await freePort()];
    const internal = (port: number) => ['--metrics-listen-address=127.0.0.1', `--metrics-bind-port=${port}`];
    [workerUrl, internalUrl] = [`http://127.0.0.1:${workerPort}`, `http://127.0.0.1:${internalPort}`];
    farm = await Farm.open({
      seed: 1,
      apis: 1,
      workers: 1,
      direct: true,
      store: 'files',
      apiFlags: internal(internalPort),
      workerFlags: internal(workerPort),
    });
    const hosts = { 'faafo-api': [new URL(farm.url()).host], 'faafo-worker': [new URL(workerUrl).host] };
    prometheus = await startPrometheus(hosts);
    void read(new Client(farm.url()).events(listening.signal));
    const isTrue = async (expression: string) => ((await prometheus.query(expression)).data?.result.length ?? 0) > 0;
    // It begins with what is there already: only a later rise is one.
    await until(() => isTrue('sum(up) == 2 and sum(faafo_pictures_total) == 0'), 60_000);
    pictureBytes = await workOn(farm.url());
    await until(() => isTrue('sum(increase(faafo_pictures_total[1m])) > 0 and sum(faafo_workers) == 1'), 60_000);
    api = await until(async () => {
      const text = await scrape(farm.url());
      // What all APIs tell alike is kept for 2 s.
      const [done, cancelled] = ['done', 'cancelled'].map((state) => sampleOf(text, `faafo_fractals{state="${state}"}`));
      return done === 4 && cancelled === 1 ? text : null;
    });
    worker = await scrape(workerUrl);
  }, 180_000);
  afterAll(async () => {
    listening.abort();
    await prometheus?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  it('reads texts in which promtool finds no fault', () => {
    expect(lint(api)).toBe('');
    expect(lint(worker)).toBe('');
    expect(lint('# TYPE wrong_total gauge\nwrong_total 1\n')).not.toBe('');
  });

  it('counts what was done', async () => {
    expect(sampleOf(api, 'faafo_orders_total{outcome="taken"}')).toBe(6);
    expect(sampleOf(api, 'faafo_orders_total{outcome="invalid"}')).toBe(1);
    expect(sampleOf(api, 'faafo_pictures_total')).toBe(5);
    expect(pictureBytes).toBeGreaterThan(1_000);
    expect(sampleOf(api, 'faafo_picture_bytes_total')).toBe(pictureBytes);
    expect(sampleOf(api, 'faafo_band_bytes_total')).toBe(pictureBytes);
    expect(sampleOf(api, 'faafo_fractal_changes_total{change="removed"}')).toBe(1);
    expect(sampleOf(api, 'faafo_fractal_changes_total{change="cancelled"}')).toBe(1);
    expect(sampleOf(api, 'faafo_fractals{state="done"}')).toBe(4);
    expect(sampleOf(api, 'faafo_fractals{state="cancelled"}')).toBe(1);
    expect(sampleOf(api, 'faafo_band_results_total{answer="complete"}')).toBe(5);
    expect(sampleOf(api, 'faafo_event_streams')).toBe(1);
    expect(sampleOf(api, 'faafo_dependency_up{dependency="queue"}')).toBe(1);
    expect(sampleOf(api, 'faafo_broker_connected{part="ringing"}')).toBe(1);
    expect(sampleOf(worker, 'faafo_worker_deliveries_total{answer="accepted"}')).toBe(
      sampleOf(api, 'faafo_band_results_total{answer="complete"}') + sampleOf(api, 'faafo_band_results_total{answer="progress"}'),
    );
    expect(sampleOf(worker, 'faafo_worker_pixel_iterations_total')).toBeGreaterThanOrEqual(5 * 300 * 200 * 100);
    expect(sampleOf(worker, 'faafo_worker_render_duration_seconds_count{what="thumbnail"}')).toBe(5);
    expect(sampleOf(worker, 'faafo_dependency_up{dependency="api"}')).toBe(1);
  });

  it('counts each request once, by method, route and status', async () => {
    const counted = (text: string, status: string) =>
      sampleOf(
        text,
        `faafo_http_request_duration_seconds_count{method="GET",route="/v1/fractal/:uuid/bands",status="${status}"}`,
      ) || 0;
    const ask = (uuid: string) => fetch(`${farm.url()}/v1/fractal/${uuid}/bands`).then((answer) => answer.arrayBuffer());
    const before = await scrape(farm.url());
    for (let i = 0; i < 7; i++) await ask('154c7b41-108e-4696-a059-1bde9bf03d0a');
    const after = await until(async () => {
      const text = await scrape(farm.url());
      return counted(text, '4xx') > counted(before, '4xx') + 6 ? text : null;
    });
    expect([counted(after, '4xx'), counted(after, '2xx')]).toEqual([counted(before, '4xx') + 7, counted(before, '2xx')]);
  });

  it('tells how its process does: connections to the database, and how late the event loop is', async () => {
    const text = await scrape(farm.url());
    const pools = [...text.matchAll(/^faafo_database_connections\{pool="(\w+)",state="used"\}/gm)].map(([, pool]) => pool);
    expect(pools.length).toBeGreaterThan(0);
    const of = (pool: string | undefined, state: string) =>
      sampleOf(text, `faafo_database_connections{pool="${pool}",state="${state}"}`);
    const open = pools.map((pool) => of(pool, 'used') + of(pool, 'idle'));
    expect(Math.max(...open)).toBeGreaterThan(0);
    for (const each of open) expect(each).toBeLessThanOrEqual(20);
    // Each reading begins anew: one that comes right behind another has nothing to tell.
    const late = await until(async () => {
      const lag = sampleOf(await scrape(farm.url()), 'nodejs_eventloop_lag_p99_seconds');
      return lag > 0 ? lag : null;
    });
    expect(late).toBeLessThan(60);
  });

  it('finds no uuid in any label', () => {
    for (const text of [api, worker]) expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
    expect(api).toContain('route="/v1/fractal/:uuid"');
  });

  it('finds every metric of the dashboard and of the alerts in what API and worker tell', () => {
    const known = seriesIn(api + worker);
    const rules = alerts.groups.flatMap(({ rules }) => rules);
    const wanted = [...queries, ...rules].flatMap(({ expr }) => metricsIn(expr));
    expect(wanted.length).toBeGreaterThan(60);
    expect([...new Set(wanted)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('answers every query of the dashboard and of the alerts without an error, and all but those of trouble with data', async () => {
    const emptyOnes = async () => {
      const empty: string[] = [];
      for (const { title, expr } of queries) {
        const answer = await prometheus.query(filledIn(expr));
        expect(answer.status, `${title}: ${expr}: ${answer.error}`).toBe('success');
        if (answer.data?.result.length === 0) empty.push(title);
      }
      return empty;
    };
    // What began with the first order has a rate when it was read twice.
    await expect.poll(emptyOnes).toEqual(['Claims of workers', 'Store, p95']);
    for (const { alert, expr } of alerts.groups.flatMap(({ rules }) => rules)) {
      const answer = await prometheus.query(expr);
      expect(answer.status, `${alert}: ${answer.error}`).toBe('success');
      // On a machine that is busy with other tests these are right.
      if (!['FaafoSlowOrders', 'FaafoEventLoopDelay'].includes(alert)) expect(answer.data?.result, alert).toEqual([]);
    }
  });

  it('may read at an internal address, where there is nothing else', async () => {
    expect(sampleOf(await scrape(internalUrl), 'faafo_pictures_total')).toBe(5);
    for (const path of ['/healthz', '/readyz']) expect((await fetch(internalUrl + path)).status).toBe(200);
    for (const path of ['/', '/v1/fractal', '/v1/work/claim']) expect((await fetch(internalUrl + path)).status).toBe(404);
    expect((await fetch(`${workerUrl}/readyz`)).status).toBe(200);
  });

  it('tells what waits and since when, while a large picture is drawn; and what it was rescued from, when its worker is killed', async () => {
    const before = await scrape(farm.url());
    const { uuid } = await order(farm.url(), { ...SIEGEL_DISC, width: 4_000, height: 2_000, iterations: 100_000 });
    const during = await until(async () => {
      const text = await scrape(farm.url());
      return sampleOf(text, 'faafo_bands{state="leased"}') > 0 && sampleOf(text, 'faafo_oldest_unfinished_seconds') > 0
        ? text
        : null;
    }, 60_000);
    const bands = ['waiting', 'leased'].map((state) => sampleOf(during, `faafo_bands{state="${state}"}`));
    expect(bands[1]).toBe(1);
    // All but those that are done by then, if any: each takes seconds.
    const total = (await look(farm.url(), uuid)).bands;
    expect(total - bands[0]! - bands[1]!).toBeLessThan(3);
    expect(bands[0]! + bands[1]!).toBeLessThanOrEqual(total);
    expect(sampleOf(during, 'faafo_oldest_unfinished_seconds')).toBeLessThan(120);
    const rise = (text: string, series: string) => sampleOf(text, series) - sampleOf(before, series);
    expect(rise(during, 'faafo_band_claims_total{result="given"}')).toBeGreaterThan(0);
    await farm.workers[0]!.kill();
    await until(async () => rise(await scrape(farm.url()), 'faafo_leases_reaped_total') > 0, 60_000);
    await farm.workers[0]!.start();
    const after = await until(async () => {
      const text = await scrape(farm.url());
      return rise(text, 'faafo_band_retries_total') > 0 ? text : null;
    }, 60_000);
    expect([rise(after, 'faafo_leases_reaped_total'), rise(after, 'faafo_band_retries_total')]).toEqual([1, 1]);
    await send(`${farm.url()}/v1/fractal/${uuid}/cancel`, 'POST');
  }, 180_000);

  it('is told by a worker whose API is gone that it is not ready', async () => {
    await farm.apis[0]!.kill();
    const body = await until(async () => {
      const response = await fetch(`${workerUrl}/readyz`);
      return response.status === 503 ? ((await response.json()) as { detail: string }) : null;
    });
    expect(body.detail).toMatch(/^Not ready\. api: the API at .* cannot be reached/);
    const text = await scrape(workerUrl);
    expect(sampleOf(text, 'faafo_ready')).toBe(0);
    expect((await fetch(`${workerUrl}/healthz`)).status).toBe(200);
    await farm.apis[0]!.start();
  }, 60_000);

  it('is told by an API whose database hangs what it knows, in time', async () => {
    await farm.heal();
    await until(async () => (await fetch(`${farm.url()}/readyz`)).ok);
    await farm.database.pause();
    try {
      const text = await until(async () => {
        const began = performance.now();
        const text = await scrape(internalUrl);
        expect(performance.now() - began).toBeLessThan(5_000);
        return sampleOf(text, 'faafo_dependency_up{dependency="database"}') === 0 && Number.isNaN(sampleOf(text, 'faafo_workers'))
          ? text
          : null;
      }, 60_000);
      expect(sampleOf(text, 'faafo_ready')).toBe(0);
      expect(text).not.toMatch(/^faafo_bands\{/m);
    } finally {
      farm.database.resume();
    }
  }, 90_000);
});

describe('one process with all in it', () => {
  it('tells what API and worker do', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path });
    const { uuid } = await order(api.url);
    await finished(api.url, uuid);
    const text = await scrape(api.url);
    expect(lint(text)).toBe('');
    expect(sampleOf(text, 'faafo_orders_total{outcome="taken"}')).toBe(1);
    expect(sampleOf(text, 'faafo_worker_deliveries_total{answer="accepted"}')).toBeGreaterThan(0);
    expect(sampleOf(text, 'faafo_worker_pixel_iterations_total')).toBe(64 * 48 * 100);
    expect(sampleOf(text, 'faafo_worker_threads')).toBeGreaterThan(0);
    expect(sampleOf(text, 'faafo_workers')).toBe(1);
  }, 90_000);
});

/** Five pictures of one band each, of which one is deleted; one that is cancelled; one order that is refused. @returns the bytes of the pictures */
async function workOn(url: string): Promise<number> {
  const small = { width: 300, height: 200, iterations: 100 };
  const made = await Promise.all(Array.from({ length: 5 }, () => order(url, small)));
  const pictures = [];
  for (const { uuid } of made) pictures.push(await finished(url, uuid));
  const large = await order(url, { width: 4000, height: 4000, iterations: 100_000 });
  await send(`${url}/v1/fractal/${large.uuid}/cancel`, 'POST');
  await send(`${url}/v1/fractal/${made[0]!.uuid}`, 'DELETE');
  await fetch(`${url}/fractal/${made[1]!.uuid}`);
  const refused = await send(`${url}/v1/fractal`, 'POST', anOrder({ width: 0 }));
  expect(refused.status).toBe(422);
  return pictures.reduce((sum, { size }) => sum + size!, 0);
}

async function read(items: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of items);
  } catch {
    // It is ended by the test.
  }
}
