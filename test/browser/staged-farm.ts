import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FractalId } from '../../src/domain/ids.ts';
import type { LeaseKey, WorkerReport } from '../../src/domain/repository.ts';
import { aReport, poison, serveParts } from '../support/farm.ts';
import { order } from '../support/orders.ts';

const HOSTS = ['app-worker-1', 'app-worker-2', 'app-worker-3', 'gpu-less-04', 'lab-mac-mini.example.org'];
const REPORT_EVERY_MS = 3_000;
const RESULT = { sha256: 'a'.repeat(64), sizeBytes: 100, split: 100, adler: 1, mirrorAdler: 1, renderMs: 800 };
/** Many bands, and none of them mirrored. */
const POSTER = { width: 12_000, height: 9_000, iterations: 2_000, xa: -0.76, xb: -0.72, ya: 0.09, yb: 0.12 };

export interface StagedFarm extends AsyncDisposable {
  readonly url: string;
  readonly poster: FractalId;
  readonly failed: readonly FractalId[];
  readonly parts: Awaited<ReturnType<typeof serveParts>>;
}

/**
 * The API over its real parts, whose workers are played: five hosts that report, of which one goes silent, a poster half drawn by them, a second one begun, small
 * orders that wait, failures, and an hour of readings. What it shows does not change by itself.
 */
export async function stageFarm(folder: string): Promise<StagedFarm> {
  const parts = await serveParts(folder);
  const { repository, engineVersion } = parts.ports;
  const lease = { leaseMs: 3600_000, engineVersion };
  const draw = async (uuid: string, upTo: number, inWork: number): Promise<Map<string, LeaseKey[]>> => {
    const held = new Map<string, LeaseKey[]>();
    for (let band = 0; band < upTo + inWork; band++) {
      const host = HOSTS[(band * 7 + Math.floor(band / 11) * 3 + (band % 5 === 0 ? 1 : 0)) % HOSTS.length]!;
      const tokenHash = crypto.randomUUID();
      const claimed = await repository.bands.claim({ fractal: uuid as FractalId, band, tokenHash, host, ...lease });
      if (!claimed) throw new Error(`band ${band} of ${uuid} cannot be claimed`);
      const key = { fractal: uuid as FractalId, band, attempt: claimed.attempt, tokenHash };
      if (band < upTo) await repository.bands.accept(key, RESULT);
      else held.set(host, [...(held.get(host) ?? []), key]);
    }
    return held;
  };
  const failed: FractalId[] = [];
  for (let i = 0; i < 3; i++) {
    const { uuid } = await order(parts.url, { width: 40, height: 30, seed: i });
    await poison(repository, uuid as FractalId);
    failed.push(uuid as FractalId);
  }
  const poster = await order(parts.url, POSTER);
  const second = await order(parts.url, { ...POSTER, width: 3000, height: 2250, formula: 'mandelbrot' });
  const held = await draw(poster.uuid, Math.floor(poster.bands * 0.62), 8);
  await draw(second.uuid, 2, 3);
  for (let i = 0; i < 20; i++) await order(parts.url, { seed: 100 + i });

  const since = Date.now();
  const reportOf = (host: string, number: number): WorkerReport =>
    aReport({
      ...{ id: `worker-${number}`, host, version: '0.1.0', engineVersion, cores: 4 + 4 * (number % 3), threads: 4 },
      ...{ load: 3.1 + number * 0.7, uptime: 4_000 + number * 61_000, bands: 1_200, speed: 900 + number * 130 },
      ...{ bandsPerSecond: 2.1 + number * 0.4, pixelsPerSecond: 1.6e6 + number * 3e5, state: 'working' },
      work: (held.get(host) ?? []).map(({ fractal, band }) => ({ fractal, band, ms: Date.now() - since + 700 + 900 * number })),
    });
  const report = async (all: boolean): Promise<void> => {
    for (const [number, host] of HOSTS.entries())
      if (all || number !== 3) await repository.workers.report(reportOf(host, number));
  };
  await report(true);
  const database = new DatabaseSync(join(folder, 'faafo.db'), { timeout: 5_000 });
  database.exec("update workers set seen_at = seen_at - 140000 where id = 'worker-3'");
  fillHistory(database);
  database.close();
  const timer = setInterval(() => void report(false).catch(() => undefined), REPORT_EVERY_MS);
  return {
    url: parts.url,
    poster: poster.uuid as FractalId,
    failed,
    parts,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** An hour with a morning rush, a pause and a service that was away for some minutes. */
function fillHistory(database: DatabaseSync): void {
  const add = database.prepare('insert or replace into readings values (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const last = Math.floor(Date.now() / 10_000) * 10_000;
  for (let step = 359; step >= 0; step--) {
    const minute = (360 - step) / 6;
    if (minute > 14 && minute < 18) continue;
    const paused = minute > 33 && minute < 39;
    const busy = paused ? 0 : 0.55 + 0.35 * Math.sin(minute / 5) + 0.08 * Math.sin(minute * 2.3);
    const waiting = Math.round(Math.max(0, 60 + minute * 9 - (minute > 40 ? (minute - 40) * 14 : 0)));
    const workers = minute < 10 ? 3 : minute < 50 ? 5 : 4;
    add.run(
      last - step * 10_000,
      9 * busy,
      7.2e6 * busy,
      4300 * busy,
      workers,
      waiting,
      paused ? 0 : 14,
      20_000 * minute,
      paused ? 1 : 0,
    );
  }
}
