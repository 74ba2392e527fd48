import { gzipSync } from 'node:zlib';
import { anOrder } from '../../support/orders.ts';
import { MemoryWatch } from '../support/memory-watch.ts';
import { pour, requestText, sendRaw } from '../support/raw-http.ts';
import type { Scene, Stage } from '../support/scene.ts';
import { inMib } from '../support/usage.ts';

/** What is sent under this uuid is refused, all of it. */
const UUID = 'badc0de0-0000-4000-8000-000000000032';
const GOOD = { ...anOrder(), uuid: UUID };
const GOOD_TEXT = JSON.stringify(GOOD);
const JSON_HEADERS = { 'content-type': 'application/json' };
const PATHS = ['/v1/fractal', '/v1/work/claim', '/v1/work/report'];
const GIB = 2 ** 30;
/** The largest body that is taken at all, a result, has 16 MiB. */
const GROWTH_BYTES = 128 * 2 ** 20;

/** The good order with one field replaced by this text, which need not be JSON. */
const withField = (name: string, text: string): string => GOOD_TEXT.replace('{', `{"${name}":${text},`);
const having = (field: object): string => JSON.stringify({ ...GOOD, ...field });

/** Bodies that are no order, and none of the messages of workers. */
const BODIES: readonly (string | Buffer)[] = [
  '',
  ' ',
  '{',
  '}',
  GOOD_TEXT.slice(0, -1),
  `${GOOD_TEXT}}`,
  `\ufeff${GOOD_TEXT.slice(1)}`,
  'null',
  '[]',
  '"{}"',
  '42',
  `[${GOOD_TEXT}]`,
  '['.repeat(30_000),
  '{"a":'.repeat(10_000),
  withField('xa', 'NaN'),
  withField('xa', '-Infinity'),
  withField('xa', '0x10'),
  withField('__proto__', '{"iterations":1}'),
  withField('\\u005f_proto__', '{"iterations":1}'),
  withField('constructor', '{"prototype":{"iterations":1}}'),
  withField('toString', 'null'),
  withField('hasOwnProperty', '1'),
  GOOD_TEXT.replace('"width":64', '"width":1e999'),
  `${GOOD_TEXT.slice(0, -1)},"width":-1}`,
  ...[0, -1, 1.5, 2 ** 53, 1e300, '64', [64], {}, null, true].map((width) => having({ width })),
  ...['NaN', 'Infinity', null, [], 1e200, {}].map((xa) => having({ xa })),
  ...[0, -1, 1e12, 0.5, '100'].map((iterations) => having({ iterations })),
  ...['\u0000', '\ud800', '#12345', 'red', '#<svg>', 'url(x)'].map((interior) => having({ palette: 'ember', interior })),
  having({ uuid: 'a'.repeat(60_000) }),
  having({ formula: '__proto__' }),
  having({ palette: 'constructor' }),
  having({ samples: 17 }),
  having({ seed: 1e20 }),
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  Buffer.from(GOOD_TEXT, 'utf16le'),
  gzipSync(GOOD_TEXT),
];

/** Requests that are none. @returns the bytes as they are sent */
const requests = (path: string): readonly string[] => [
  'nonsense\r\n\r\n',
  `POST ${path}\r\n\r\n`,
  `POST ${path} HTTP/9.9\r\n\r\n`,
  ...['', 'text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp'].map((type) =>
    requestText('POST', path, { 'content-type': type, 'content-length': String(GOOD_TEXT.length) }, GOOD_TEXT),
  ),
  ...['-1', '1e3', '0x10', '18446744073709551617', `${GOOD_TEXT.length}, 1`].map((length) =>
    requestText('POST', path, { ...JSON_HEADERS, 'content-length': length }, GOOD_TEXT),
  ),
  requestText('POST', path, { ...JSON_HEADERS, 'content-length': '5', 'transfer-encoding': 'chunked' }, '0\r\n\r\n'),
  requestText('POST', path, { ...JSON_HEADERS, 'transfer-encoding': 'chunked' }, 'zz\r\n{}\r\n0\r\n\r\n'),
  requestText('POST', path, { ...JSON_HEADERS, 'transfer-encoding': 'chunked, gzip' }, '2\r\n{}\r\n0\r\n\r\n'),
  requestText('POST', path, { ...JSON_HEADERS, 'x-long': 'x'.repeat(70_000) }),
  requestText('POST', path, { 'bad header': '1' }),
  requestText('POST', `${path}?${'x'.repeat(70_000)}`, JSON_HEADERS),
  requestText('BREW', path, {}),
  requestText('TRACE', path, {}),
  requestText('PATCH', path, { ...JSON_HEADERS, 'content-length': '2' }, '{}'),
];

async function sendAll({ farm, complain }: Stage): Promise<number> {
  let sent = 0;
  const expectRefusal = async (what: string, bytes: string | Uint8Array) => {
    const { status } = await sendRaw(farm.url(sent++), bytes).catch((error: Error) => ({ status: error.message }));
    if (typeof status === 'string' || status < 400 || status > 431) complain(`${what.slice(0, 150)} was answered ${status}`);
  };
  for (const path of PATHS) {
    for (const body of BODIES) {
      const bytes = Buffer.from(body as string);
      const head = requestText('POST', path, { ...JSON_HEADERS, 'content-length': String(bytes.length) });
      await expectRefusal(`${path} with the body ${bytes.toString('latin1')}`, Buffer.concat([Buffer.from(head), bytes]));
    }
    for (const text of requests(path)) await expectRefusal(text, text);
  }
  return sent;
}

const framed = (piece: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);

/** What takes a body, and of which kind; limits are far below a GiB. */
const TAKERS = [
  ['POST', '/v1/fractal', 'application/json'],
  ['PUT', '/v1/work/result', 'application/octet-stream'],
] as const;

/** A GiB that is announced, and one that is not. @returns how much went out before the service had enough */
async function pourInto({ farm, complain }: Stage, [method, path, type]: (typeof TAKERS)[number]): Promise<number[]> {
  const headers = { 'content-type': type, 'faafo-lease': 'x'.repeat(24) };
  const announced = requestText(method, path, { ...headers, 'content-length': String(GIB) });
  const chunked = requestText(method, path, { ...headers, 'transfer-encoding': 'chunked' });
  const answers = [
    await pour(farm.url(), announced, { bytes: GIB }),
    await pour(farm.url(1), chunked, { bytes: GIB, frame: framed }),
  ];
  for (const { status, sent } of answers) {
    // Cut off while it was still sending, a client may not hear the answer.
    if (status !== 0 && status !== 413) complain(`${path} with a body of 1 GiB was answered ${status}`);
    if (sent >= GIB) complain(`${path} swallowed a whole GiB`);
  }
  return answers.map(({ sent }) => sent);
}

export const scenes: readonly Scene[] = [
  {
    number: 32,
    name: 'malformed JSON, NaN, __proto__, a body of 1 GiB',
    times: { short: 1, long: 5 },
    async play(stage) {
      const { farm, times, complain, note } = stage;
      let injected = 0;
      const pids = farm.apis.map(({ pid }) => pid);
      using memory = new MemoryWatch(farm.apis);
      for (let i = 0; i < times; i++) {
        injected += await sendAll(stage);
        for (const taker of TAKERS) {
          const sent = await pourInto(stage, taker);
          injected += sent.length;
          if (i === 0) note(`of 1 GiB for ${taker[1]} went out: ${sent.map(inMib).join(' with its length, ')} in chunks`);
        }
      }
      note(`memory of an API grew by ${inMib(memory.growth)} at most`);
      if (memory.growth > GROWTH_BYTES) complain(`the memory of an API grew by ${inMib(memory.growth)}`);
      if (farm.apis.some((api, i) => !api.isAlive || api.pid !== pids[i])) complain('an API ended');
      if ((await fetch(`${farm.url()}/v1/fractal/${UUID}`)).status !== 404) complain('something malformed was taken as an order');
      return injected;
    },
  },
];
