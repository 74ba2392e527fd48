import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultProxy } from '../faults/support/fault-proxy.ts';
import { Wiretap } from '../faults/support/wiretap.ts';
import { anOrder, finished, order, send } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const PASSWORDS = { database: 'dbPass w0rd/9', broker: 'rabb1t@Pass', endpoint: 'pr0xyPass?#' };
const BEARER = 'faafo_k3J9_q8Wv2ZrT0nYbE5sUoI7xLmH4cDfGaP1tRy6';
const LEASE = /lease_[\w-]{24}/g;

describe('what is secret', () => {
  let broker: PrivateBroker;
  let database: PrivateDatabase;
  beforeAll(async () => {
    [broker, database] = await Promise.all([startRabbitmq(), startPostgres()]);
    await broker.ctl('add_user', 'faafo', PASSWORDS.broker);
    await broker.ctl('set_permissions', 'faafo', '.*', '.*', '.*');
  });
  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it('is found in no log of an API and a worker that say all they ever say, while all goes well and while everything breaks', async () => {
    await using folder = await temporaryFolder();
    const written = Object.fromEntries(Object.entries(PASSWORDS).map(([name, word]) => [name, encodeURIComponent(word)]));
    const transport = broker.url.replace('guest:guest', `faafo:${written.broker}`);
    const databaseUrl = database.url.replace('faafo@', `faafo:${written.database}@`);
    const talkative = ['--log-level', 'trace', '--transport-url', transport];
    const apiFlags = [...talkative, '--database-url', databaseUrl, '--storage-url', 'database:'];
    await using api = await startApi({ dataDir: folder.path, flags: apiFlags });
    await using link = await FaultProxy.open(() => Number(new URL(api.url).port));
    using tap = new Wiretap([link], ['server', 'client']);
    const endpoint = `http://proxy:${written.endpoint}@127.0.0.1:${link.port}`;
    await using worker = startWorker([...talkative, '--endpoint-url', endpoint, '--threads', '1']);

    const { uuid } = await order(api.url);
    await finished(api.url, uuid);
    const authorization = `Bearer ${BEARER}`;
    const cookie = 'faafo_session=c00kieOfSomebody';
    for (const path of [
      '/v1/fractal',
      `/fractal/${uuid}`,
      `/v1/fractal?token=${BEARER}`,
      '/nowhere',
      `/fractal/${uuid}?signature=s1gned-link`,
    ])
      await fetch(api.url + path, { headers: { authorization, cookie, 'x-request-id': BEARER } });
    await fetch(`${api.url}/v1/work/renew`, { method: 'POST', headers: { authorization }, body: 'no JSON' });

    await database.kill();
    expect((await send(`${api.url}/v1/fractal`, 'POST', anOrder())).status).toBe(503);
    await broker.kill();
    await until(() => /RabbitMQ at .*(?:lost|closed|cannot|ended|refused)/i.test(worker.log()));
    await sleep(500);
    await Promise.all([database.start(), broker.start()]);
    const after = await until(async () => await order(api.url).catch(() => null), 60_000);
    await finished(api.url, after.uuid, 'done', 60_000);
    link.refuse();
    await sleep(1_000);
    const client = await runFaafo(endpoint.replace(/:\d+$/, ':1'), ['--debug', 'list']);
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);

    const said = tap.said.map(String).join('');
    const leases = [...new Set([...said.matchAll(LEASE)].map(([lease]) => lease))];
    expect(leases.length).toBeGreaterThan(1);
    const basic = Buffer.from(`proxy:${PASSWORDS.endpoint}`).toString('base64');
    expect(said).toContain(basic);
    const secrets = [...Object.values(PASSWORDS), ...Object.values(written), ...leases, BEARER, BEARER.slice(6)].concat([
      ...['c00kieOfSomebody', 's1gned-link', basic],
    ]);
    const logs = { api: api.log(), worker: worker.log(), workerOnStdout: worker.said(), client: client.stdout + client.stderr };
    for (const [name, log] of Object.entries(logs)) {
      for (const secret of secrets) expect(log.includes(secret), `${secret} in what ${name} says`).toBe(false);
    }
    // Whoever finds nothing must have looked where something could be.
    expect(logs.api).toMatch(/"err":\{.*"stack"/);
    expect(logs.api).toContain(`"path":"/fractal/${uuid}"`);
    expect(logs.worker).toMatch(new RegExp(`"fractal":"${uuid}","band":0,"attempt":1,"msg":"band claimed"`));
    expect(logs.worker).toMatch(
      /"fractal":"[\da-f-]{36}","band":0,"attempt":\d+,"answer":"accepted","render_ms":\d+,"msg":"band delivered"/,
    );
    expect(`${logs.api}${logs.worker}`).toMatch(/amqp:\/\/faafo:\*\*\*@127/);
    expect(logs.client).toMatch(/DEBUG faafo\.client \[-\] GET/);
    expect(logs.client).toMatch(/^faafo: the API at/m);
  }, 120_000);
});
