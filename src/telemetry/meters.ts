import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Scrape } from '../domain/telemetry.ts';

/** By label the values that it may have, where they are known. With one such label all are there from the start: the first of a kind is a rise from 0. */
type Values = Readonly<Record<string, readonly string[]>>;

/** Seconds, for what takes milliseconds to seconds. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds, for what may take minutes. */
export const LONG = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

/** Of Node's own metrics those whose names break Prometheus' rules (a gauge ending in _total), or that say no more than others. */
const LEFT_OUT = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The metrics of this process. Names follow https://prometheus.io/docs/practices/naming/; every one begins with faafo_ but those of Node and of the process. */
export class Meters {
  readonly #registry = new Registry();
  readonly #readings: (() => Promise<void>)[] = [];

  /** @param facts labels of faafo_build_info */
  constructor(facts: Readonly<Record<string, string>>) {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of LEFT_OUT) this.#registry.removeSingleMetric(name);
    this.gauge('faafo_build_info', 'Always 1; what runs here', Object.keys(facts)).set(facts, 1);
  }

  counter(name: string, help: string, values: Values = {}): Counter {
    const counter = new Counter({ name, help, labelNames: Object.keys(values), registers: [this.#registry] });
    for (const labels of known(values)) counter.inc(labels, 0);
    return counter;
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** @param buckets upper bounds */
  histogram(name: string, help: string, values: Values = {}, buckets: readonly number[] = QUICK): Histogram {
    const labelNames = Object.keys(values);
    const histogram = new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [this.#registry] });
    for (const labels of known(values)) histogram.zero(labels);
    return histogram;
  }

  /** @param read sets gauges just before they are scraped; it must not reject, and not take longer than a scrape may */
  beforeScrape(read: () => Promise<void>): void {
    this.#readings.push(read);
  }

  async scrape(): Promise<Scrape> {
    await Promise.all(this.#readings.map((read) => read()));
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

function known(values: Values): Record<string, string>[] {
  const [first, ...others] = Object.entries(values);
  if (!first || others.length > 0) return [];
  const [label, its] = first;
  return its.map((value) => ({ [label]: value }));
}

/** Starts a clock. @returns seconds since then */
export function stopwatch(): () => number {
  const since = performance.now();
  return () => (performance.now() - since) / 1000;
}
