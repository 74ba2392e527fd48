import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runProgram } from '../support/servers/private-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RULES = join(ROOT, 'deploy/prometheus/alerts.yml');

interface Rule {
  readonly alert: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** One sample a minute, for so many minutes. */
const MINUTES = 90;
const steady = (value: number) => `${value}x${MINUTES}`;
const rising = (perMinute: number) => `0+${perMinute}x${MINUTES}`;

const API = 'job="faafo-api",instance="a:8080"';
const WORKER = 'job="faafo-worker",instance="w:8082"';
const GIB = 2 ** 30;
const order = `${API},method="POST",route="/v1/fractal"`;

/** A farm that has some work, and does it. */
const CALM: Readonly<Record<string, string>> = {
  [`up{${API}}`]: steady(1),
  [`up{${WORKER}}`]: steady(1),
  [`faafo_ready{${API}}`]: steady(1),
  [`faafo_ready{${WORKER}}`]: steady(1),
  [`faafo_dependency_up{${API},dependency="queue"}`]: steady(1),
  [`faafo_workers{${API}}`]: steady(1),
  [`faafo_bands{${API},state="waiting"}`]: steady(7),
  [`faafo_oldest_unfinished_seconds{${API}}`]: steady(20),
  [`faafo_queue_paused{${API}}`]: steady(0),
  [`faafo_band_results_total{${API},answer="complete"}`]: rising(60),
  [`faafo_band_results_total{${API},answer="progress"}`]: rising(60),
  [`faafo_http_request_duration_seconds_count{${order},status="2xx"}`]: rising(100),
  [`faafo_http_request_duration_seconds_count{${order},status="5xx"}`]: rising(1),
  [`faafo_http_request_duration_seconds_count{${API},method="GET",route="/readyz",status="5xx"}`]: rising(100),
  [`faafo_http_request_duration_seconds_bucket{${order},status="2xx",le="0.1"}`]: rising(100),
  [`faafo_http_request_duration_seconds_bucket{${order},status="2xx",le="2.5"}`]: rising(100),
  [`faafo_http_request_duration_seconds_bucket{${order},status="2xx",le="+Inf"}`]: rising(100),
  [`faafo_store_free_bytes{${API}}`]: steady(5 * GIB),
  [`faafo_store_size_bytes{${API}}`]: steady(100 * GIB),
  [`faafo_store_failures_total{${API},operation="put"}`]: steady(3),
  [`faafo_broker_blocked{${API},part="ringing"}`]: steady(0),
  [`process_start_time_seconds{${WORKER}}`]: steady(1),
  [`faafo_band_failures_total{${API},answer="held"}`]: steady(9),
  [`faafo_leases_reaped_total{${API}}`]: steady(9),
  [`faafo_band_redraws_total{${API}}`]: steady(2),
  [`faafo_fractal_changes_total{${API},change="redrawn"}`]: steady(1),
  [`faafo_foreman_failures_total{${API},loop="ring"}`]: steady(4),
  [`faafo_database_waiting{${API},pool="durable"}`]: steady(0),
  [`nodejs_eventloop_lag_p99_seconds{${API}}`]: steady(0.02),
};

interface Trouble {
  /** what is otherwise than on a calm farm */
  readonly series: Readonly<Record<string, string>>;
  /** minutes until it fires; a minute and a half earlier it did not */
  readonly after: number;
  /** what fires with it */
  readonly also?: readonly string[];
}

const from = (minute: number, before: number, then: number) => `${before}x${minute - 1} ${then}x${MINUTES - minute}`;

const TROUBLES: Readonly<Record<string, Trouble>> = {
  FaafoTargetDown: { series: { [`up{${WORKER}}`]: from(5, 1, 0) }, after: 7 },
  FaafoNotReady: { series: { [`faafo_ready{${API}}`]: from(5, 1, 0) }, after: 6 },
  FaafoDependencyAway: { series: { [`faafo_dependency_up{${API},dependency="queue"}`]: from(5, 1, 0) }, after: 7 },
  FaafoNoWorkers: { series: { [`faafo_workers{${API}}`]: from(5, 1, 0) }, after: 6 },
  FaafoNothingDrawn: {
    series: {
      [`faafo_oldest_unfinished_seconds{${API}}`]: `20+60x${MINUTES}`,
      [`faafo_band_results_total{${API},answer="complete"}`]: steady(5),
      [`faafo_band_results_total{${API},answer="progress"}`]: steady(5),
      [`faafo_band_results_total{${API},answer="stale"}`]: rising(5),
    },
    after: 12,
  },
  FaafoOldestTooOld: { series: { [`faafo_oldest_unfinished_seconds{${API}}`]: from(10, 20, 3700) }, after: 15 },
  FaafoPausedLong: {
    series: {
      [`faafo_queue_paused{${API}}`]: from(2, 0, 1),
      // Nor is anything drawn, and what waits grows old: that is meant, and is no news of its own.
      [`faafo_oldest_unfinished_seconds{${API}}`]: `20+60x${MINUTES}`,
      [`faafo_band_results_total{${API},answer="complete"}`]: `60 60x${MINUTES - 1}`,
      [`faafo_band_results_total{${API},answer="progress"}`]: `60 60x${MINUTES - 1}`,
    },
    after: 62,
  },
  FaafoErrors: {
    series: { [`faafo_http_request_duration_seconds_count{${order},status="5xx"}`]: `0x9 0+20x${MINUTES - 10}` },
    after: 17,
  },
  FaafoSlowOrders: {
    series: { [`faafo_http_request_duration_seconds_bucket{${order},status="2xx",le="0.1"}`]: rising(90) },
    after: 11,
  },
  FaafoStoreNearlyFull: { series: { [`faafo_store_free_bytes{${API}}`]: from(5, 5 * GIB, 1.9 * GIB) }, after: 10 },
  FaafoStoreFails: { series: { [`faafo_store_failures_total{${API},operation="put"}`]: rising(1) }, after: 6 },
  FaafoBrokerBlocked: { series: { [`faafo_broker_blocked{${API},part="ringing"}`]: from(5, 0, 1) }, after: 6 },
  FaafoWorkerRestarts: { series: { [`process_start_time_seconds{${WORKER}}`]: `1x9 100 200 300x${MINUTES - 12}` }, after: 12 },
  FaafoBandsFail: { series: { [`faafo_band_failures_total{${API},answer="held"}`]: from(10, 9, 20) }, after: 10 },
  FaafoBandsRescued: { series: { [`faafo_leases_reaped_total{${API}}`]: from(10, 9, 20) }, after: 10 },
  FaafoDamage: { series: { [`faafo_band_redraws_total{${API}}`]: from(10, 2, 4) }, after: 10 },
  FaafoForemanFails: { series: { [`faafo_foreman_failures_total{${API},loop="ring"}`]: rising(2) }, after: 11 },
  FaafoDatabasePoolShort: { series: { [`faafo_database_waiting{${API},pool="durable"}`]: from(5, 0, 3) }, after: 9 },
  FaafoEventLoopDelay: { series: { [`nodejs_eventloop_lag_p99_seconds{${API}}`]: from(5, 0.02, 0.9) }, after: 10 },
};

const FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';
const firing = (minute: number, names: readonly string[]) => ({
  expr: FIRING,
  eval_time: `${minute * 60}s`,
  exp_samples: names.toSorted().map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
});

/** Has promtool play the rules over the series. @throws with what fired and should not have, or the other way round */
async function play(series: Readonly<Record<string, string>>, expected: readonly object[]): Promise<void> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'alerts.test.yml');
  const input = Object.entries({ ...CALM, ...series }).map(([name, values]) => ({ series: name, values }));
  const tests = [{ interval: '1m', input_series: input, promql_expr_test: expected }];
  await writeFile(file, stringify({ rule_files: [RULES], evaluation_interval: '30s', tests }));
  await runProgram(['promtool', 'test', 'rules', file]);
}

describe('the alerts', () => {
  it('are rules that promtool finds in order, each with its tests and its section in the operations manual', async () => {
    await runProgram(['promtool', 'check', 'rules', RULES]);
    await runProgram(['promtool', 'check', 'config', join(ROOT, 'deploy/prometheus/prometheus.yml')]);
    expect(rules.map(({ alert }) => alert).toSorted()).toEqual(Object.keys(TROUBLES).toSorted());
    const manual = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(manual).toContain(`\n### ${alert}\n`);
      expect(annotations.summary && annotations.description).toBeTruthy();
      expect(['warning', 'critical']).toContain(labels.severity);
    }
  });

  it('are silent on a calm farm', async () => {
    await play(
      {},
      [20, 60, 85].map((minute) => firing(minute, [])),
    );
  });

  it.each(Object.entries(TROUBLES))('%s fires in its time, and alone', async (name, { series, after, also = [] }) => {
    await play(series, [firing(after - 1.5, []), firing(after + 0.5, [name, ...also])]);
  });
});
