import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { MemoryWatch } from '../support/memory-watch.ts';
import { SMALL } from '../support/orders.ts';
import { openSocket } from '../support/raw-http.ts';
import type { Scene, Stage } from '../support/scene.ts';

/** At each API, of each kind. */
const CONNECTIONS = 500;
/** Event streams at each API that nobody reads: they have little to say, and may stay. */
const READERS = 100;
/** What all those connections may take of one API. */
const MEMORY_BYTES = 300 * 2 ** 20;
const ORDER = JSON.stringify(SMALL);
/** How a conversation begins that then goes on with a byte a second. */
const BEGINNINGS = [
  '',
  'GET /v1/fractal HTTP/1.1\r\nhost: faafo\r\nx-slow: ',
  `POST /v1/fractal HTTP/1.1\r\nhost: faafo\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n${ORDER.slice(0, 20)}`,
  'POST /v1/fractal HTTP/1.1\r\nhost: faafo\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
];
/** A request has 30 s, and every 5 s it is looked who has used them up; the rest is for a busy machine. */
const CLOSED_MS = 75_000;
/** Others, meanwhile. */
const PATIENCE_MS = 5_000;

/** Sends a byte a second until it is closed; some say nothing at all. */
function dripping(url: string, beginning: string): Socket {
  const socket = openSocket(url).resume();
  if (beginning === '') return socket;
  socket.write(beginning);
  const byte = beginning.includes('chunked') ? '1\r\n{\r\n' : 'x';
  const timer = setInterval(() => socket.writable && socket.write(byte), 1_000);
  socket.on('close', () => clearInterval(timer));
  return socket;
}

/** Opens an event stream, and reads nothing of it. */
function deaf(url: string): Socket {
  const socket = openSocket(url);
  socket.write('GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  return socket.pause();
}

/** Asks as others do, until the signal aborts. @returns how long each answer took, milliseconds, the longest last */
async function askMeanwhile({ farm, book, complain }: Stage, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; !signal.aborted; i++) {
    const before = performance.now();
    const status =
      i % 2 === 0
        ? await book.send(farm.url(i / 2), SMALL, undefined, PATIENCE_MS)
        : await statusOf(`${farm.url((i - 1) / 2)}/v1/status`);
    times.push(performance.now() - before);
    if (status !== 200 && status !== 201) complain(`while slow ones were there, another was answered ${status || 'nothing'}`);
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
  return times.sort((a, b) => a - b);
}

const statusOf = (url: string): Promise<number> =>
  fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
    async (response) => {
      await response.text();
      return response.status;
    },
    () => 0,
  );

export const scenes: readonly Scene[] = [
  {
    number: 33,
    name: 'slowloris: many connections of a byte a second',
    measures: true,
    // Links would be in the process that asks and drips, and would be measured with it.
    farm: { direct: true },
    times: { short: 1, long: 3 },
    async play(stage) {
      const { farm, times, complain, note } = stage;
      let opened = 0;
      for (let i = 0; i < times; i++) {
        const over = new AbortController();
        const startedAt = performance.now();
        const sockets = farm.apis.flatMap((_, api) =>
          BEGINNINGS.flatMap((beginning) => Array.from({ length: CONNECTIONS }, () => dripping(farm.url(api), beginning))),
        );
        opened += sockets.length;
        const readers = farm.apis.flatMap((_, api) => Array.from({ length: READERS }, () => deaf(farm.url(api))));
        using memory = new MemoryWatch(farm.apis);
        const asking = askMeanwhile(stage, over.signal);
        const open = () => sockets.filter(({ closed }) => !closed);
        await until(() => open().length === 0, CLOSED_MS).catch(() =>
          complain(`${open().length} slow connections are still open`),
        );
        note(`${sockets.length} slow connections were closed within ${Math.round((performance.now() - startedAt) / 1000)} s`);
        over.abort();
        const answers = await asking;
        const [p99, slowest] = [answers[Math.floor(answers.length * 0.99)] ?? 0, answers.at(-1) ?? 0];
        note(`of ${answers.length} answers to others the p99 took ${Math.round(p99)} ms, the slowest ${Math.round(slowest)} ms`);
        note(`an API took up to ${Math.round(memory.growth / 2 ** 20)} MiB more`);
        if (memory.growth > MEMORY_BYTES) complain('slow connections take too much memory');
        for (const socket of [...open(), ...readers]) socket.destroy();
      }
      return opened;
    },
  },
];
