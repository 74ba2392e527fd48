import fc from 'fast-check';
import { sendRaw } from '../faults/support/raw-http.ts';

const LINES = [
  'GET / HTTP/1.1',
  'POST /v1/fractal HTTP/1.1',
  'GET /v1/fractal?page=1 HTTP/1.0',
  'PUT /v1/work/result HTTP/1.1',
  'OPTIONS * HTTP/1.1',
];
const HEADERS = [
  ...[
    'Host: 127.0.0.1',
    'Host:',
    'Host: a b',
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: 5, 6',
    'Transfer-Encoding: chunked',
  ],
  ...[
    'Transfer-Encoding: gzip, chunked',
    'Content-Type: application/json',
    'Connection: close',
    'Expect: 100-continue',
    'Expect: nonsense',
    'Upgrade: h2c',
  ],
  ...[
    'Connection: upgrade',
    ': no name',
    'Bad Name: 1',
    'X: a\0b',
    'X: \xff\xfe',
    ' folded',
    'Cookie: a=b',
    'Authorization: Bearer',
    'Range: bytes=0-',
  ],
];

/** A head that is nearly one, or none at all; sometimes with a body that does not fit it. */
const nonsense: fc.Arbitrary<string> = fc
  .record({
    line: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...LINES) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 40 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'GET',
          'GET  / HTTP/1.1',
          'GET / HTTP/2.0',
          'get / http/1.1',
          'PRI * HTTP/2.0',
          'GET http://evil.example/ HTTP/1.1',
          'CONNECT a:1 HTTP/1.1',
          '\x16\x03\x01',
        ),
      },
    ),
    headers: fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...HEADERS) }, { weight: 1, arbitrary: fc.string({ maxLength: 30 }) }),
      { maxLength: 5 },
    ),
    end: fc.constantFrom(
      '\r\n\r\n',
      '\n\n',
      '\r\n\r\n{"a":1}',
      '\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      '\r\n\r\nffffffffffffffff\r\n',
      '\r\n\r\nzz\r\n',
      '\r\n',
    ),
  })
  .map(({ line, headers, end }) => [line, ...headers, 'Connection: close'].join('\r\n') + end);

/** Writes what is no request, or hardly one, and hangs up soon. @returns what was answered as it must not be, with the smallest text that shows it */
export async function sendNonsense(url: string, { count, seed }: { readonly count: number; readonly seed: number }) {
  const wrong: string[] = [];
  let sent = 0;
  const property = fc.asyncProperty(nonsense, async (text) => {
    sent++;
    // Whoever waits for the rest of a request is left alone: how long that may take is another test's.
    const { status, text: answer } = await sendRaw(url, Buffer.from(text, 'latin1'), 300).catch(() => ({ status: 0, text: '' }));
    if (status >= 500 && status !== 503) throw new Error(`${status} for ${JSON.stringify(text)}: ${answer.slice(0, 300)}`);
    // Node itself refuses a request without Host, in no words.
    if (status >= 400 && !/\r\n\r\n(?:0\r\n\r\n)?$/.test(answer) && !/content-type: application\/problem\+json/i.test(answer))
      throw new Error(`no problem for ${JSON.stringify(text)}: ${answer.slice(0, 300)}`);
  });
  const workers = Array.from({ length: 8 }, async (_, i) => {
    const { failed, errorInstance } = await fc.check(property, { numRuns: Math.ceil(count / 8), seed: seed + i });
    if (failed) wrong.push((errorInstance as Error).message);
  });
  await Promise.all(workers);
  return { sent, wrong };
}
