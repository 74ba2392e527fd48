import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { needProgram, serverFolder, startServer } from '../support/servers/private-server.ts';
import { freePort } from '../support/servers/processes.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { until } from '../support/until.ts';

const INSTALL = join(import.meta.dirname, '../../deploy/install.sh');
/** As is promised; a check every second, twice. */
const NOTICED_MS = 5_000;

/** What install.sh writes, with other ports, and with a socket that tells how the servers are. */
async function configuration(apis: readonly RunningApi[], port: number, socket: string): Promise<string> {
  const script = await readFile(INSTALL, 'utf8');
  const block = /^# faafo: begin.*?(?=^END$)/ms.exec(script)![0];
  const servers = apis.map(({ url }, i) => `    server api${i + 1} ${new URL(url).host} init-addr last,libc,none\n`);
  expect(block).toContain('bind :80\n');
  return `global\n    stats socket ${socket} mode 600\n${block.replace('bind :80\n', `bind 127.0.0.1:${port}\n`)}${servers.join('')}`;
}

it('the balancer leaves out an API that was killed with -9 within 5 s, takes it again when it is back, and orders go on meanwhile', async () => {
  await using undo = new AsyncDisposableStack();
  const folder = await serverFolder('haproxy');
  const data = (i: number) => join(folder, `data-${i}`);
  const apis = [undo.use(await startApi({ dataDir: data(1) })), undo.use(await startApi({ dataDir: data(2) }))];
  const port = await freePort();
  const socket = join(folder, 'socket');
  await writeFile(join(folder, 'haproxy.cfg'), await configuration(apis, port, socket));
  const url = `http://127.0.0.1:${port}`;
  undo.use(
    await startServer({
      folder,
      url,
      command: [needProgram('/usr/sbin/haproxy', 'haproxy'), '-db', '-f', join(folder, 'haproxy.cfg')],
      stopSignal: 'SIGTERM',
      isReady: async () => (await fetch(`${url}/healthz`)).ok,
    }),
  );
  /** `UP` or `DOWN`, by server. */
  const standing = async (): Promise<Record<string, string>> => {
    const connection = connect(socket);
    connection.end('show stat\n');
    const rows = (await text(connection)).split('\n').map((line) => line.split(','));
    return Object.fromEntries(
      rows.filter(([, name]) => name?.startsWith('api')).map((row) => [row[1]!, row[17]!.split(' ')[0]!]),
    );
  };
  await until(async () => Object.values(await standing()).join() === 'UP,UP');

  const answers: { readonly at: number; readonly status: number }[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const status = await fetch(`${url}/v1/status`).then(
        ({ status: code }) => code,
        () => 0,
      );
      answers.push({ at: performance.now(), status });
      await sleep(20);
    }
  })();
  await sleep(500);
  const killedAt = performance.now();
  await apis[0]!.kill();
  await until(async () => (await standing()).api1 !== 'UP');
  const noticedMs = performance.now() - killedAt;
  await sleep(1_000);
  isOver = true;
  await asking;
  const failed = answers.filter(({ status }) => status !== 200);
  console.log(`noticed after ${Math.round(noticedMs)} ms; ${failed.length} of ${answers.length} requests failed`);
  expect(noticedMs).toBeLessThan(NOTICED_MS);
  expect(await standing()).toEqual({ api1: expect.stringMatching(/^DOWN/), api2: 'UP' });
  // A connection that is refused is tried at the other one.
  expect(failed.filter(({ at }) => at > killedAt + noticedMs)).toEqual([]);

  undo.use(await startApi({ dataDir: data(1), port: Number(new URL(apis[0]!.url).port) }));
  await until(async () => (await standing()).api1 === 'UP');
}, 120_000);
