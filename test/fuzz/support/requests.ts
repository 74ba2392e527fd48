import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { writeResults } from '../../../src/http/results-body.ts';
import { DOCUMENT, type Operation, RESULT_WORDS, type Schema } from './operations.ts';
import { anAsset, hostileText, hostileValue, knownEnrolment, knownFractal, knownToken, validValue } from './values.ts';

/** What is sent; `@…@` in it stands for something that is known when it is sent. */
export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** whether path and method are those of the operation, so that it must answer as documented */
  readonly isOnTheWay: boolean;
  /** puts the lease of that number into the request; null: it is left as it is */
  readonly lease: number | null;
  /** delivers, under that lease, something made up that is like a band, with its true SHA-256; which number, which thing */
  readonly forgery: number | null;
}

const rarely = <T>(weight: number, usual: fc.Arbitrary<T>, ...unusual: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, ...unusual.map((arbitrary) => ({ weight: 1, arbitrary })));

export function draftOf(operation: Operation): fc.Arbitrary<Draft> {
  return fc
    .record({
      path: pathOf(operation),
      query: queryOf(operation),
      body: bodyOf(operation),
      type: typeOf(operation),
      more: headersOf(operation),
      method: rarely(20, fc.constant(operation.method), fc.constantFrom('HEAD', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND')),
      lease: operation.path.startsWith('/v1/work/') ? rarely(4, fc.nat(50), fc.constant(null)) : fc.constant(null),
      forgery: operation.path.startsWith('/v1/work/result') ? rarely(4, fc.nat(), fc.constant(null)) : fc.constant(null),
    })
    .map(({ path, query, body, type, more, method, lease, forgery }) => ({
      method,
      path: path.text + query,
      headers: { ...more, ...(body !== null && type !== null && { 'content-type': type }) },
      body: method === 'TRACE' ? null : body,
      isOnTheWay: path.isOne && (method === operation.method || (method === 'HEAD' && operation.method === 'GET')),
      lease,
      forgery,
    }));
}

interface Path {
  readonly text: string;
  readonly isOne: boolean;
}

function pathOf({ path }: Operation): fc.Arbitrary<Path> {
  const [before, after] = path.split(/\{\w+\}/);
  if (after === undefined) return fc.constant({ text: path, isOne: true });
  const join = (segment: string): string => `${before}${segment}${after}`;
  const aFractal = fc.oneof(
    knownFractal,
    knownFractal,
    knownFractal.map((name) => name.toUpperCase()),
    fc.uuid(),
  );
  const others: Readonly<Record<string, fc.Arbitrary<string>>> = {
    '{id}': knownToken,
    '{page}': fc.constantFrom('1', '2', '0', '99999999999'),
    '{file}': anAsset,
  };
  const known = others[/\{\w+\}/.exec(path)?.[0] ?? ''] ?? aFractal;
  const escaped = hostileText
    .filter((text) => text !== '' && text !== '.' && text !== '..')
    .map((text) => encodeURIComponent(text.toWellFormed()));
  // As a careless or a malicious program writes them: what is not escaped may mean another path.
  const raw = fc.constantFrom(
    '',
    '.',
    '..',
    '%',
    '%ff',
    '%c0%ae',
    'a/b',
    '%2e%2e%2f',
    'a;b',
    '*',
    '@',
    '!',
    "'",
    '%0d%0aX: 1',
    'é',
    'a?b',
    'a#b',
  );
  return fc.oneof(
    { weight: 8, arbitrary: known.map((text) => ({ text: join(text), isOne: true })) },
    { weight: 2, arbitrary: escaped.map((text) => ({ text: join(text), isOne: text.length < 200 })) },
    { weight: 1, arbitrary: raw.map((text) => ({ text: join(text), isOne: false })) },
  );
}

/** Names and values, some of them doubled, unknown, or escaped in odd ways. */
function queryOf({ parameters }: Operation): fc.Arbitrary<string> {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const value = (schema: Schema, name: string) =>
    rarely(6, validValue(schema, name).map(asText), hostileText, hostileValue.map(asText));
  const encode = (text: string) => encodeURIComponent(text.toWellFormed()).replaceAll('%40', '@').replaceAll('%3A', ':');
  const pair = (name: string, text: fc.Arbitrary<string>) => text.map((each) => `${encode(name)}=${encode(each)}`);
  const each = known.map(({ name, schema, required }) => {
    const one = pair(name, value(schema, name)).map((text) => [text]);
    const twice = fc.tuple(pair(name, value(schema, name)), pair(name, hostileText));
    const none = fc.constant<string[]>([]);
    return required
      ? rarely(12, one, twice, none)
      : fc.oneof({ weight: 2, arbitrary: one }, { weight: 5, arbitrary: none }, twice);
  });
  const strange = fc.oneof(
    hostileText.map((name) => `${encode(name)}=1`),
    fc.constantFrom('&&', '=', '%', '%ff=%fe', '__proto__[a]=1', 'a[]=1', 'page[]=1', 'constructor.prototype=1', '?', ';', '+'),
  );
  return fc
    .tuple(
      fc.tuple(...each),
      rarely(
        8,
        fc.constant<string[]>([]),
        strange.map((text) => [text]),
      ),
    )
    .map(([pairs, more]) => [...pairs.flat(), ...more])
    .map((all) => (all.length === 0 ? '' : `?${all.join('&')}`));
}

function bodyOf({ body }: Operation): fc.Arbitrary<Buffer | null> {
  const tooLong = fc.constant(Buffer.alloc(70_000, ' '));
  const bytes = fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each));
  if (body === null) return rarely(8, fc.constant(null), hostileValue.map(asJson), bytes, tooLong);
  if (body === 'bytes') return rarely(4, bytes, fc.constant(null), fc.constant(Buffer.alloc(20_000)));
  if (body === 'results') return rarely(12, bundles(), bytes, fc.constant(null), tooLong);
  const valid = validValue(body) as fc.Arbitrary<Record<string, unknown>>;
  return fc.oneof(
    { weight: 8, arbitrary: valid.map(asJson) },
    { weight: 8, arbitrary: nearly(body, valid).map(asJson) },
    { weight: 2, arbitrary: hostileValue.map(asJson) },
    { weight: 2, arbitrary: valid.chain(oddText) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: tooLong },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** Several results in one body: heads that are right, nearly right, and none; as many bytes as they say, and others. */
function bundles(): fc.Arbitrary<Buffer> {
  const words = validValue(RESULT_WORDS) as fc.Arbitrary<Record<string, unknown>>;
  const sane = words.chain((whole) =>
    fc.record({ bytes: fc.nat(60), thumbnail: fc.nat(20) }).map(({ bytes, thumbnail }) => ({
      ...whole,
      // As long as it is: the head tells its length.
      fractal: '154c7b41-108e-4696-a059-1bde9bf03d0a',
      bytes: String(bytes + thumbnail + 1),
      thumbnail_bytes: String(thumbnail),
    })),
  );
  const one = rarely(6, sane, words, nearly(RESULT_WORDS, words));
  const head = rarely(
    8,
    fc.array(one, { minLength: 1, maxLength: 5 }),
    // The same one again and again, and more than a claim gives.
    sane.chain((same) => fc.integer({ min: 2, max: 70 }).map((count) => Array.from({ length: count }, () => same))),
    hostileValue as fc.Arbitrary<Record<string, unknown>[]>,
  );
  return fc.tuple(head, fc.integer({ min: -3, max: 3 }), rarely(8, fc.constant(0), fc.maxSafeNat())).map(([all, more, lie]) => {
    const said = Array.isArray(all) ? all.reduce((sum, each) => sum + (Number(Object(each).bytes) || 0), 0) : 0;
    const pieces = [Buffer.alloc(Math.min(Math.max(0, said + (Math.abs(more) > 2 ? more : 0)), 20_000), 'b')];
    const body = writeResults(all ?? null, pieces);
    if (lie > 0) body.writeUInt32BE(lie % 2 ** 32);
    return body;
  });
}

/** What has a member toString that is none is no text. */
const asText = (value: unknown): string => (typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value));

const asJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '');

/** A valid body with one field too many, one too few, or one that is wrong. */
function nearly(body: Schema, valid: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {} } = resolved(body);
  const names = Object.keys(properties);
  const name = rarely(6, fc.constantFrom(...names), hostileText);
  return fc.tuple(valid, name, rarely(6, hostileValue, fc.constant(undefined))).map(([whole, field, value]) => {
    const rest = Object.entries(whole).filter(([each]) => each !== field);
    // From entries, so that __proto__ is a field as any other.
    return Object.fromEntries(value === undefined ? rest : [...rest, [field, value]]);
  });
}

const resolved = (schema: Schema): { properties?: Readonly<Record<string, Schema>> } =>
  schema.$ref ? { properties: BY_REF(schema.$ref as string) } : (schema as { properties?: Readonly<Record<string, Schema>> });

const BY_REF = ($ref: string): Readonly<Record<string, Schema>> =>
  (DOCUMENT.components.schemas[$ref.split('/').at(-1)!] as { properties: Record<string, Schema> }).properties;

/** The same as JSON that is none, or that says something twice. */
function oddText(whole: Record<string, unknown>): fc.Arbitrary<Buffer> {
  const text = JSON.stringify(whole);
  return fc
    .constantFrom<string | Buffer>(
      ...[
        `\ufeff${text}`,
        text.slice(0, -1),
        `${text}}`,
        `${text}\0`,
        ` \n${text}\t`,
        text.replace('{', '{"width":1,"width":2,'),
      ],
      ...[
        text.replace('{', '{"__proto__":{"width":1},'),
        text.replace('{', '{"\\u005f_proto__":1,'),
        text.replace(/:(\d+)/, ':$1.0e0'),
      ],
      ...[
        text.replace(/:(\d+)/, ':1e999'),
        text.replace(/:(\d+)/, ':NaN'),
        text.replace(/:(\d+)/, ':0$1'),
        text.replaceAll('"', "'"),
      ],
      ...[Buffer.from(text, 'utf16le'), Buffer.from(`${text.slice(0, -1)},"a":"\xff"}`, 'latin1'), gzipSync(text)],
    )
    .map((odd) => Buffer.from(odd as string));
}

function typeOf({ body }: Operation): fc.Arbitrary<string | null> {
  const usual = fc.constant<string | null>(
    body === 'bytes' || body === 'results' ? 'application/octet-stream' : 'application/json',
  );
  return rarely(
    9,
    usual,
    fc.constantFrom<(string | null)[]>(
      ...[
        'application/json; charset=utf-8',
        'application/json;charset=latin1',
        'APPLICATION/JSON',
        'text/plain',
        'application/xml',
        'text/json',
      ],
      ...[
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json, text/plain',
        ';',
        '/',
        'a/b;c="d',
        '*/*',
        null,
      ],
    ),
  );
}

/** Headers that the service reads. What HTTP does not let into a header is left to the requests that are none. */
function headersOf({ parameters, path }: Operation): fc.Arbitrary<Record<string, string>> {
  const word = hostileText.map((text) => text.replace(/[^\x20-\x7e\xa0-\xff]/g, '').slice(0, 300));
  const own = parameters.filter((each) => each.in === 'header').map(({ name }) => name);
  const one = fc.oneof(
    fc
      .constantFrom(
        'if-none-match',
        'if-range',
        'accept',
        'x-request-id',
        'last-event-id',
        'accept-encoding',
        'x-forwarded-for',
        'forwarded',
        ...own,
      )
      .chain((name) => word.map((text) => [name, text] as const)),
    fc
      .constantFrom(
        'bytes=0-9',
        'bytes=-1',
        'bytes=9-0',
        'bytes=0-',
        'bytes=99999999999-',
        'bytes=0-1,3-4',
        'bytes=a-b',
        'items=0-1',
        'bytes=-0',
        'bytes=0-0,-1',
      )
      .map((text) => ['range', text] as const),
    fc.constantFrom('*', '"x"', 'W/"x"', '"@checksum:0@"', '"a","@checksum:1@"').map((text) => ['if-none-match', text] as const),
    fc.constantFrom('gzip', 'deflate', 'identity', 'br, gzip', 'x').map((text) => ['content-encoding', text] as const),
    fc.constantFrom('https://evil.example', 'null', 'http://127.0.0.1:1', '').map((text) => ['origin', text] as const),
    fc.constantFrom('cross-site', 'same-origin', 'none', 'x').map((text) => ['sec-fetch-site', text] as const),
    fc
      .constantFrom(
        'Bearer x',
        'Bearer ',
        'Basic x',
        'bearer lease_0123456789012345',
        `Bearer faafo_${'A'.repeat(50)}`,
        'Digest a="b"',
      )
      .map((text) => ['authorization', text] as const),
  );
  const shown = knownEnrolment.map((text) => [['authorization', `Bearer ${text}`] as const]);
  const none = fc.constant<(readonly [string, string])[]>([]);
  return fc
    .tuple(path === '/v1/enrolments' ? fc.oneof(none, shown, shown) : none, rarely(1, none, fc.array(one, { maxLength: 2 })))
    .map((pairs) => Object.fromEntries(pairs.flat()));
}
