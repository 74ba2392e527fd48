import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { newAccessToken } from '../../src/actions/access-token.ts';
import { integer, positiveInteger, real, seconds } from '../../src/cli/numbers.ts';
import { readPicture } from '../../src/cli/read-picture.ts';
import { resolveUuid } from '../../src/cli/resolve-uuid.ts';
import { s3Place } from '../../src/cli/s3-place.ts';
import { loadClientSettings, loadSettings, SETTING_NAMES } from '../../src/cli/settings.ts';
import { spanInSeconds } from '../../src/cli/span.ts';
import { parseStorageUrl } from '../../src/cli/storage-url.ts';
import { parseToken, readToken } from '../../src/cli/token-setting.ts';
import { folderPath, folderUrl, maskUrl, sqlitePath, sqliteUrl } from '../../src/cli/urls.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { Fault } from '../../src/domain/fault.ts';
import { createInlineEngine } from '../../src/engine/inline-engine.ts';
import type { Client } from '../../src/http/client.ts';
import { orderBody } from '../../src/http/schemas.ts';
import { parseSse, type SseMessage } from '../../src/http/sse.ts';
import { parseTransportUrl } from '../../src/queue/transport-url.ts';
import { pngOf } from '../engine/png-of.ts';
import { aSpec } from '../support/specs.ts';
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
  const names = SETTING_NAMES.map((name) => `FAAFO_${name.toUpperCase()}`);

  it('are what was said, or refused in a sentence that names who said it', () => {
    fc.assert(
      // Environments and files are UTF-8: half a surrogate pair comes in as U+FFFD.
      fc.property(
        fc.constantFrom(...names),
        anyText.map((text) => text.toWellFormed()),
        (name, text) => {
          for (const load of [loadSettings, loadClientSettings]) {
            const sentence = sentenceOf(() => load({}, { FAAFO_CONFIG_FILE: '/dev/null', [name]: text }));
            expect(isRefusal(sentence)).toBe(true);
            // What is wrong with a file is told of the setting that names it.
            if (sentence !== null) expect(sentence.toUpperCase()).toContain(name.replace('FAAFO_', ''));
          }
        },
      ),
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

describe('spans', () => {
  const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

  it('are as many seconds as they say', () => {
    const unit = fc.constantFrom(...(['s', 'm', 'h', 'd'] as const));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 36_500 }), unit, (n, each) => {
        expect(spanInSeconds(`${n}${each}`)).toBe(n * SECONDS[each]);
      }),
      RUNS,
    );
    expect(spanInSeconds('never')).toBe(Number.POSITIVE_INFINITY);
  });

  it('are whole seconds of a century at most, or refused in a sentence', () => {
    const nearly = fc.tuple(fc.oneof(anyText, fc.maxSafeInteger().map(String)), fc.constantFrom('s', 'd', 'D', 'w', '', ' d'));
    const text = fc.oneof(
      anyText,
      nearly.map((pair) => pair.join('')),
    );
    fc.assert(
      fc.property(text, (each) => {
        const sentence = sentenceOf(() => {
          const seconds = spanInSeconds(each);
          expect(seconds === Number.POSITIVE_INFINITY ? each === 'never' : seconds >= 1 && seconds <= 3.2e9).toBe(true);
        });
        expect(isRefusal(sentence)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('places of images', () => {
  it('of object stores come out as they went in', () => {
    const bucket = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{2,40}$/);
    fc.assert(
      fc.property(bucket, word, word, (name, container, cloud) => {
        fc.pre(!container.includes('/'));
        const endpoint = 'https://s3.example:9000';
        expect(parseStorageUrl(`s3://${name}?endpoint=${encodeURIComponent(endpoint)}`)).toEqual({
          kind: 's3',
          bucket: name,
          endpoint,
        });
        expect(parseStorageUrl(`swift://${encodeURIComponent(container)}?cloud=${encodeURIComponent(cloud)}`)).toEqual({
          kind: 'swift',
          container,
          cloud,
        });
      }),
      RUNS,
    );
  });

  it('are taken, or refused in a sentence that holds no password', () => {
    const rest = fc.oneof(anyText, fc.constantFrom('', '/', '?a=1', '?endpoint=x', '?endpoint=ftp://a', '#x', '%zz', '?cloud='));
    const scheme = fc.constantFrom('s3://', 'swift://', 's3:', 'file://', 'database:', 'http://', '');
    fc.assert(
      fc.property(scheme, secret, rest, fc.boolean(), (begin, password, end, isNamed) => {
        const text = `${begin}${isNamed ? `user:${password}@host` : 'bucket'}${end}`;
        const sentence = sentenceOf(() => parseStorageUrl(text));
        expect(isRefusal(sentence)).toBe(true);
        if (begin.endsWith('://')) expect(sentence ?? '').not.toContain(password);
      }),
      RUNS,
    );
  });

  it('on S3 have the credentials of the environment, or say which are missing', () => {
    const value = fc.option(anyText, { nil: undefined });
    const env = fc.record({
      AWS_ACCESS_KEY_ID: value,
      AWS_SECRET_ACCESS_KEY: value,
      AWS_SESSION_TOKEN: value,
      AWS_REGION: value,
      AWS_ENDPOINT_URL: value,
    });
    fc.assert(
      fc.property(env, (given) => {
        const sentence = sentenceOf(() => {
          const place = s3Place({ bucket: 'b' }, given);
          expect([place.accessKeyId, place.secretAccessKey]).toEqual([given.AWS_ACCESS_KEY_ID, given.AWS_SECRET_ACCESS_KEY]);
          expect(place.region).toBe(given.AWS_REGION || 'us-east-1');
        });
        expect(isRefusal(sentence)).toBe(true);
        const isWhole = given.AWS_ACCESS_KEY_ID && given.AWS_SECRET_ACCESS_KEY && !given.AWS_SESSION_TOKEN;
        expect(sentence === null).toBe(Boolean(isWhole));
      }),
      RUNS,
    );
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faafo-parsers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('of tokens hold one, or are refused in a sentence that does not repeat it', () => {
    const path = join(folder, 'token');
    writeFileSync(path, '', { mode: 0o600 });
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      anyText.map((text) => Buffer.from(text)),
      secret.map((text) => Buffer.from(`faafo_abcdefgh_${text}`)),
    );
    const { text: good } = newAccessToken();
    const whole = fc.constantFrom('', '\n', ' \r\n').map((end) => Buffer.from(`${end}${good}${end}`));
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: content }, { weight: 1, arbitrary: whole }), (bytes) => {
        writeFileSync(path, bytes);
        const sentence = sentenceOf(() => void expect(parseToken(readToken(path))).toBe(good));
        expect(sentence === null || sentence.length > 10).toBe(true);
        const text = bytes.toString().trim();
        if (text.length > 12) expect(sentence ?? '').not.toContain(text);
        expect(sentence === null).toBe(text === good);
      }),
      RUNS,
    );
    expect(isRefusal(sentenceOf(() => readToken(join(folder, 'nowhere'))))).toBe(true);
  });

  it('of pictures say how they were drawn, or are refused in a sentence', async () => {
    const spec = aSpec({ width: 24, height: 16, iterations: 50 });
    const engine = await createInlineEngine(spec);
    const png = await pngOf(engine as Engine, spec);
    const path = join(folder, 'like.png');
    writeFileSync(path, png);
    const before = await readPicture(path);
    expect(before).toMatchObject({ width: 24, height: 16, iterations: 50 });
    const change = fc.record({
      at: fc.nat(png.length),
      cut: fc.nat(20),
      more: fc.uint8Array({ maxLength: 20 }),
      fits: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = changes.reduce((file, { at, cut, more, fits }) => {
          const next = Buffer.concat([file.subarray(0, at), more, file.subarray(at + cut)]);
          return fits ? withRightSums(next) : next;
        }, png);
        writeFileSync(path, bytes);
        const outcome = await readPicture(path).catch((error: Error) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(UsageError);
          expect(isRefusal(outcome.message)).toBe(true);
        } else expect(orderBody.safeParse(outcome).success).toBe(true);
      }),
      RUNS,
    );
  });
});

/** Its chunks with CRCs that fit, as far as it is cut into chunks. */
function withRightSums(png: Buffer): Buffer {
  const copy = Buffer.from(png);
  for (let at = 8; at + 12 <= copy.length; ) {
    const end = at + 8 + copy.readUInt32BE(at);
    if (end + 4 > copy.length) break;
    copy.writeUInt32BE(crc32(copy.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return copy;
}
