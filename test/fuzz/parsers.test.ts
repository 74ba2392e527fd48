import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integer, positiveInteger, real, seconds } from '../../src/cli/numbers.ts';
import { resolveUuid } from '../../src/cli/resolve-uuid.ts';
import { loadClientSettings, loadSettings } from '../../src/cli/settings.ts';
import { folderPath, folderUrl, maskUrl, sqlitePath, sqliteUrl } from '../../src/cli/urls.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { Client } from '../../src/http/client.ts';
import { parseSse, type SseMessage } from '../../src/http/sse.ts';
import { parseTransportUrl } from '../../src/queue/transport-url.ts';
import { hostileText } from './support/values.ts';

const RUNS = { numRuns: 500 };
const anyText = fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 80 }));
/** What people may call users, passwords, hosts of a virtual kind. */
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed());
/** Letters that stand for themselves in a URL, and nowhere else in the texts of these tests. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{10,20}$/).map((text) => `Zq${text}`);

/** Whatever a parser refuses, it refuses in a sentence of ours. */
function sentenceOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof UsageError || error instanceof Fault || (error as Error).name === 'CommanderError')
      return (error as Error).message;
    if ((error as Error).constructor.name === 'InvalidArgumentError') return (error as Error).message;
    throw error;
  }
}

const isRefusal = (sentence: string | null): boolean => sentence === null || (sentence.length > 10 && sentence.endsWith('.'));

describe('numbers on the command line', () => {
  it('come out as they were written', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => void expect(integer(String(n))).toBe(n)),
      RUNS,
    );
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (n) => void expect(real(String(n)) === n || Object.is(real(String(n)), -n)).toBe(true),
      ),
      RUNS,
    );
  });

  it.each([integer, positiveInteger, real, seconds])('are numbers, or refused in a sentence: %o', (parse) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const sentence = sentenceOf(() => void expect(Number.isFinite(parse(text))).toBe(true));
        expect(isRefusal(sentence)).toBe(true);
        if (!/\d/.test(text)) expect(sentence).not.toBeNull();
      }),
      RUNS,
    );
  });
});

describe('URLs', () => {
  it('of SQLite files and folders come out as they went in', () => {
    const path = fc
      .array(
        word.map((text) => text.replace(/[/\0]/g, '_')).filter((text) => text !== '.' && text !== '..'),
        { minLength: 1, maxLength: 4 },
      )
      .map((words) => `/${words.join('/')}`);
    fc.assert(
      fc.property(path, (each) => void expect(sqlitePath(sqliteUrl(each))).toBe(each)),
      RUNS,
    );
    fc.assert(
      fc.property(path, (each) => void expect(folderPath(folderUrl(each))).toBe(each)),
      RUNS,
    );
  });

  it('that name nothing are refused in a sentence', () => {
    for (const parse of [sqlitePath, folderPath])
      fc.assert(
        fc.property(anyText, (text) => void expect(isRefusal(sentenceOf(() => parse(text)))).toBe(true)),
        RUNS,
      );
  });

  it('of brokers: user, password and virtual host come out as they went in', () => {
    fc.assert(
      fc.property(word, word, word, fc.integer({ min: 1, max: 65_535 }), (username, password, vhost, port) => {
        const text = `amqp://${[username, password].map(encodeURIComponent).join(':')}@broker.example:${port}/${encodeURIComponent(vhost)}`;
        // Two words of a path are not one, and . and .. are directions.
        fc.pre(!['.', '..', '/'].includes(vhost));
        expect(parseTransportUrl(text)).toMatchObject({
          username,
          password,
          vhost,
          port,
          hostname: 'broker.example',
          tls: false,
        });
      }),
      RUNS,
    );
  });

  it('of brokers are refused in a sentence that never holds the password', () => {
    const broken = fc.oneof(anyText, fc.constantFrom('a b', '#', '?x=1', '/a/b', ':99999/', ',b:1/', '%zz'));
    fc.assert(
      fc.property(secret, broken, fc.constantFrom('amqp', 'amqps', 'http', 'redis'), (password, rest, scheme) => {
        const text = `${scheme}://user:${password}@host${rest}`;
        const sentence = sentenceOf(() => parseTransportUrl(text));
        expect(isRefusal(sentence)).toBe(true);
        expect(sentence ?? '').not.toContain(password);
        expect(maskUrl(text)).not.toContain(password);
      }),
      RUNS,
    );
  });
});

describe('settings', () => {
  const names = [
    'FAAFO_BIND_PORT',
    'FAAFO_THREADS',
    'FAAFO_MAX_COST',
    'FAAFO_LISTEN_ADDRESS',
    'FAAFO_DATABASE_URL',
    'FAAFO_STORAGE_URL',
    'FAAFO_TRANSPORT_URL',
    'FAAFO_LOG_LEVEL',
    'FAAFO_ENDPOINT_URL',
    'FAAFO_ALLOWED_ORIGINS',
    'FAAFO_TRUSTED_PROXIES',
  ];

  it('are what was said, or refused in a sentence that names who said it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), anyText, (name, text) => {
        for (const load of [loadSettings, loadClientSettings]) {
          const sentence = sentenceOf(() => load({}, { FAAFO_CONFIG_FILE: '/dev/null', [name]: text }));
          expect(isRefusal(sentence)).toBe(true);
          if (sentence !== null) expect(sentence).toContain(name);
        }
      }),
      RUNS,
    );
  });
});

describe('the beginning of a uuid', () => {
  const client = { list: async () => ({ num_results: 0, objects: [] }) } as unknown as Client;

  it('is taken, or refused in a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const error = await resolveUuid(client, text).catch((each: Error) => each);
        expect(error instanceof UsageError || error instanceof Fault).toBe(true);
        expect(isRefusal((error as Error).message)).toBe(true);
      }),
      RUNS,
    );
    await fc.assert(
      fc.asyncProperty(fc.uuid(), async (uuid) => void expect(await resolveUuid(client, uuid.toUpperCase())).toBe(uuid)),
      RUNS,
    );
  });
});

describe('server-sent events', () => {
  const line = word.map((text) => text.replace(/[\r\n\0]/g, '_').replace(/^\ufeff/, '_'));
  const message: fc.Arbitrary<SseMessage> = fc.record({
    id: line,
    event: line,
    data: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
  });

  async function parsed(pieces: readonly Uint8Array[]): Promise<SseMessage[]> {
    const all: SseMessage[] = [];
    for await (const each of parseSse(
      (async function* () {
        yield* pieces;
      })(),
    ))
      all.push(each);
    return all;
  }

  it('come out as they went in, whatever ends their lines and wherever the pieces are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 4 }),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(300), { maxLength: 6 }),
        async (messages, end, cuts) => {
          const lines = messages.flatMap(({ id, event, data }) => [
            `id: ${id}`,
            `event: ${event}`,
            ': a comment',
            ...data.split('\n').map((each) => `data: ${each}`),
            '',
          ]);
          const bytes = Buffer.from(lines.map((each) => each + end).join(''));
          const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
          const found = await parsed(places.slice(1).map((to, i) => bytes.subarray(places[i], to)));
          // The very last CR may be half of CR LF: what it ends is known with the next byte.
          expect(found).toEqual(end === '\r' ? messages.slice(0, found.length) : messages);
          expect(found.length).toBeGreaterThanOrEqual(messages.length - (end === '\r' ? 1 : 0));
        },
      ),
      RUNS,
    );
  });

  it('of any bytes at all are messages with data, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), async (pieces) => {
        for (const { event } of await parsed(pieces)) expect(event).not.toBe('');
      }),
      RUNS,
    );
  });
});
