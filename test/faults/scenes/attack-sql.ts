import { anOrder } from '../../support/orders.ts';
import { claimByHand, holding, withWorkersStill } from '../support/hand-worker.ts';
import { SMALL } from '../support/orders.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { runSql } from '../support/sql.ts';

const UUID = '154c7b41-108e-4696-a059-1bde9bf03d0a';
/** Longer than an answer is waited for. */
const SLEEP = 'pg_sleep(60)';
const PATIENCE_MS = 20_000;
const SQL: readonly string[] = [
  "'",
  "''",
  "' or '1'='1",
  "' or 1=1 --",
  `' or ${SLEEP} is null --`,
  `'; select ${SLEEP}; --`,
  `${UUID}' or '1'='1`,
  `${UUID}'; drop table fractals; --`,
  "'); delete from bands; --",
  "' union select token_hash from bands --",
  "\\'; drop table fractals; --",
  '" or ""="',
  '%',
  '_',
  '%25',
  '\\',
  '$1',
  ':uuid',
  '1; drop table fractals',
  '1 or 1=1',
  '-1',
  '0x31',
  '1e3',
  '9'.repeat(400),
  'NULL',
  'a\0b',
  '\ud800',
  '/**/',
  "'||(select epoch from history)||'",
];
const TABLES = "select count(*)::int as tables from information_schema.tables where table_schema = 'public'";

type Probe = readonly [what: string, path: string, init?: RequestInit];

/** One text in every place that could come near a query. */
function probesOf(text: string): Probe[] {
  const quoted = encodeURIComponent(text.isWellFormed() ? text : '\ufffd');
  const header = /^[\x20-\x7e]+$/.test(text) ? text : 'x';
  const json = (body: object): RequestInit => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...holding('A'.repeat(24)) },
  });
  const lease = { fractal: UUID, band: 0, attempt: 1 };
  const report = {
    version: '1',
    engine_version: '1',
    cores: 1,
    threads: 1,
    load: 0,
    uptime: 1,
    bands: 0,
    speed: 0,
    bands_per_second: 0,
  };
  return [
    ...['uuid_prefix', 'cursor', 'state', 'page', 'results_per_page', 'order_by'].map(
      (name): Probe => [name, `/v1/fractal?${name}=${quoted}`],
    ),
    ['uuid', `/v1/fractal/${quoted}`],
    ['uuid to delete', `/v1/fractal/${quoted}`, { method: 'DELETE' }],
    ['uuid to cancel', `/v1/fractal/${quoted}/cancel`, { method: 'POST' }],
    ['uuid of a picture', `/fractal/${quoted}`],
    ['checksum', `/fractal/${UUID}?checksum=${quoted}`],
    ['if-none-match', `/fractal/${UUID}`, { headers: { 'if-none-match': header } }],
    ['ordered uuid', '/v1/fractal', json({ ...anOrder(), uuid: text })],
    ['ordered interior', '/v1/fractal', json({ ...anOrder(), palette: 'ember', interior: text })],
    ['claimed fractal', '/v1/work/claim', json({ fractal: text, band: 0, host: 'a', engine_version: '1' })],
    ['claimed band', '/v1/work/claim', json({ fractal: UUID, band: text, host: 'a', engine_version: '1' })],
    ['host', '/v1/work/claim', json({ fractal: UUID, band: 0, host: text, engine_version: '1' })],
    ['engine version', '/v1/work/claim', json({ fractal: UUID, band: 0, host: 'a', engine_version: text })],
    ['reason', '/v1/work/fail', json({ ...lease, reason: text })],
    ['attempt', '/v1/work/renew', json({ ...lease, attempt: text })],
    ['reporting id', '/v1/work/report', json({ ...report, id: text, host: 'a', state: 'stopping', work: [] })],
    ['reporting host', '/v1/work/report', json({ ...report, id: 'sql', host: text, state: 'stopping', work: [] })],
  ];
}

/** Nobody is to be let through by it: a filter that cannot be is refused, one that can be finds what it says. */
async function send({ farm, complain }: Stage, text: string): Promise<number> {
  const probes = probesOf(text);
  for (const [what, path, init] of probes) {
    const about = `${what} ${JSON.stringify(text.slice(0, 80))}`;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`${farm.url()}${path}`, { ...init, signal }).catch((error: Error) => error);
    if (answer instanceof Error) complain(`${about} was not answered: ${answer.message}`);
    else {
      const body = await answer.text();
      if (answer.status >= 500) complain(`${about} was answered ${answer.status}`);
      if (/syntax error|relation "|pg_|kysely|SELECT |select "/.test(body))
        complain(`${about} was answered with the database's own words`);
    }
  }
  return probes.length;
}

/** A reason goes into the database as it is, and comes out as it is. */
async function keepReason({ farm, book, complain }: Stage): Promise<void> {
  const reason = "Robert'); drop table fractals; --";
  const uuid = crypto.randomUUID();
  await withWorkersStill(farm, async () => {
    await book.send(farm.url(), SMALL, uuid);
    const { lease } = await claimByHand(farm.url(), uuid);
    const body = JSON.stringify({ fractal: uuid, band: 0, attempt: lease.attempt, reason });
    const headers = { 'content-type': 'application/json', ...holding(lease.token) };
    const { status } = await fetch(`${farm.url()}/v1/work/fail`, { method: 'POST', body, headers });
    if (status !== 204) complain(`a failure with SQL as its reason was answered ${status}`);
  });
}

export const scenes: readonly Scene[] = [
  {
    number: 35,
    name: 'SQL in filters, uuids and the words of workers',
    times: { short: 1, long: 3 },
    async play(stage) {
      const { farm, times, complain } = stage;
      const [before] = await runSql<{ tables: number }>(farm.database.url, TABLES);
      const known = await farm.repository.fractals.count({});
      let injected = 0;
      for (let i = 0; i < times; i++) {
        for (const text of SQL) injected += await send(stage, text);
        await keepReason(stage);
      }
      const [after] = await runSql<{ tables: number }>(farm.database.url, TABLES);
      if (after!.tables !== before!.tables) complain(`of ${before!.tables} tables there are ${after!.tables}`);
      if ((await farm.repository.fractals.count({})) < known) complain('fractals have gone');
      return injected;
    },
  },
];
