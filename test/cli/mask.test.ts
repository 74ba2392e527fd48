import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { logOptions, readable } from '../../src/cli/log.ts';
import { lineMask, maskText, secretsOf } from '../../src/cli/mask.ts';

/** Nowhere else in a line. */
const WORD = 'Xq7-ßecr"t\\Kz';
const DATABASE_URL = `postgresql://faafo:${encodeURIComponent('hunter 2/@#?')}@db.internal/faafo`;
const BEARER = 'faafo_k3J9_q8Wv2ZrT0nYbE5sUoI7xLmH4cDfGaP1tRy6';
const LEASE = 'lease_Zk3v-Qp_81TbXw0aLmN7fYcD';
const BASIC = Buffer.from('proxy:pa55word').toString('base64');

/** Each with the piece of it that must not be seen. */
const SECRETS: readonly (readonly [string, string])[] = [
  [`amqp://faafo:${WORD}@10.0.0.3:5672/`, WORD],
  [`amqps://faafo:p/a@s#s?w0rd@[::1]:5671/%2Ffaafo`, 's#s?w0rd'],
  [`mysql+pymysql://faafo:${encodeURIComponent(WORD)}@db/faafo?charset=utf8`, encodeURIComponent(WORD)],
  ['https://faafo:s3cr3t-in-https@proxy.example/api', 's3cr3t-in-https'],
  ['redis://:0nlyAPassw0rd@cache:6379', '0nlyAPassw0rd'],
  ['postgresql://db/faafo?user=faafo&password=1nTheQuery&sslmode=require', '1nTheQuery'],
  [`Authorization: Bearer ${BEARER}`, BEARER.slice(7)],
  [BEARER, BEARER.slice(7)],
  [LEASE, LEASE.slice(6)],
  [`bearer opaque.but.secret~token==`, 'opaque.but.secret'],
  [`Basic ${BASIC}`, BASIC],
  [`faafo-lease: ${LEASE}`, LEASE.slice(6)],
  ['Cookie: faafo_session=0b5cure; other=alsoHidden', 'alsoHidden'],
  ['set-cookie: session=an0therSession; HttpOnly', 'an0therSession'],
  ['{"password": "1nJson\\"quoted", "a": 1}', 'quoted'],
  ["{ token: 1, 'secret': 'singlyQu0ted' }", 'singlyQu0ted'],
  ['psql --set password=0nACommandLine', '0nACommandLine'],
];

/** Where a text may turn up in a line. */
const PLACES: Readonly<Record<string, (log: Logger, text: string) => void>> = {
  'a message': (log, text) => log.warn(text),
  'the midst of a message': (log, text) => log.warn(`cannot go on with ${text} at all, ask ops@example.org`),
  'a formatted message': (log, text) => log.warn('cannot use %s', text),
  'a field': (log, text) => log.info({ url: text }, 'opened'),
  'a field deep inside': (log, text) => log.info({ a: { b: [{ c: [1, null, text] }] } }, 'deep'),
  'the name of a field': (log, text) => log.info({ [text]: 1 }, 'named'),
  'a child': (log, text) => log.child({ of: text }).error('from a child'),
  'an error': (log, text) => log.error({ err: new Error(text) }, 'failed'),
  'an error alone': (log, text) => log.error(new TypeError(`no: ${text}`)),
  'the cause of an error': (log, text) =>
    log.error({ err: new Error('outer', { cause: new Error('middle', { cause: new Error(text) }) }) }),
  'the stack of an error': (log, text) =>
    log.error({ err: Object.assign(new Error('x'), { stack: `Error: x\n    at connect (${text})\n    at more` }) }),
  'a member of an error': (log, text) => log.error({ err: Object.assign(new Error('x'), { config: { target: [text] } }) }),
  'one of several errors': (log, text) => log.error({ err: new AggregateError([new Error('a'), new Error(text)], 'both') }),
  'an error that is text': (log, text) => log.error({ err: text }, 'thrown'),
  'something with toJSON': (log, text) => log.debug({ it: { toJSON: () => ({ text }) } }),
  'a list of headers': (log, text) => log.trace({ rawHeaders: ['Host', 'faafo', 'X-Whatever', text] }),
};

/** Members that are secret whatever they hold. */
const NAMES = [
  'password',
  'token',
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'faafo-lease',
].concat(['db_password', 'client_secret', 'api_key', 'apiKey', 'x-api-key', 'private_key', 'signature', 'leaseless_token']);

const FORMS: Readonly<Record<string, (to: Writable) => Writable>> = {
  JSON: (to) => to,
  'lines for people': (to) => readable(to) as unknown as Writable,
};

function written(form: string, write: (log: Logger) => void): string {
  const pieces: Buffer[] = [];
  const to = new Writable({ write: (piece, _encoding, done) => done(void pieces.push(Buffer.from(piece))) });
  const settings = { log_level: 'trace', database_url: DATABASE_URL } as const;
  write(pino(logOptions('faafo-api', settings), FORMS[form]!(to)));
  return Buffer.concat(pieces).toString('utf8');
}

describe.each(Object.keys(FORMS))('a log of %s', (form) => {
  it.each(Object.keys(PLACES))('shows no secret in %s', (place) => {
    for (const [text, secret] of SECRETS) {
      const line = written(form, (log) => PLACES[place]!(log, text));
      expect(line.length).toBeGreaterThan(10);
      for (const seen of [secret, JSON.stringify(secret).slice(1, -1)]) expect(line).not.toContain(seen);
      if (form === 'JSON') expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  it.each(NAMES)('shows nothing of a member named %s', (name) => {
    for (const value of ['pl4in', ['pl4in'], { inner: 'pl4in' }, 41_414_141]) {
      const line = written(form, (log) => {
        log.info({ [name]: value });
        log.error({ err: Object.assign(new Error('x'), { response: { headers: { [name]: value } } }) });
      });
      expect(line).not.toMatch(/pl4in|41414141/);
      expect(line).toContain('***');
    }
  });

  it('shows the passwords of the settings nowhere, even where nothing tells what they are', () => {
    const line = written(form, (log) => {
      log.error({ err: new Error('FATAL: hunter 2/@#? is no good') }, 'said hunter 2/@#?');
      log.info({ sent: encodeURIComponent('hunter 2/@#?'), header: Buffer.from('faafo:hunter 2/@#?').toString('base64') });
      log.info({ raw: Buffer.from(BEARER) });
    });
    expect(line).not.toMatch(/hunter|ZmFhZm86|102, ?97, ?97/);
    expect(line).toMatch(/"?raw"?: ?"?46 bytes/);
  });
});

describe('what others may choose freely', () => {
  // Each of these once took minutes, in which nobody else was answered.
  it.each(['a', 'faafo_', 'faafo_a', 'a://b:', 'a://', 'basic a', 'bearer ', '"password":"\\', 'cookie: '])(
    'is read once, however long: %s …',
    (piece) => {
      const text = `key ${piece.repeat(2 ** 18 / piece.length)}`;
      expect(maskText(text).length).toBeLessThanOrEqual(text.length);
      expect(maskText(`${piece}${text} amqp://faafo:pl4in@rabbit`)).not.toContain('pl4in');
    },
  );
});

describe('what is no secret', () => {
  it.each([
    'the API at http://127.0.0.1:8080 cannot be reached: nothing listens there (is it started?). Trying again.',
    'Send the token of the lease, as Authorization header.',
    'user and password are sent as basic authentication',
    'faafo_http_request_duration_seconds_bucket, faafo_session',
    'RabbitMQ at amqp://faafo:***@10.0.0.3:5672/ answers',
    'at file:///opt/faafo/node_modules/@fastify/static/index.js:10:20',
    '154c7b41-108e-4696-a059-1bde9bf03d0a band 3, lease_until 1700000000000',
  ])('stays: %s', (text) => {
    expect(maskText(text)).toBe(text);
    expect(JSON.parse(lineMask()(`${JSON.stringify({ msg: text })}\n`))).toEqual({ msg: text });
  });

  it('is a password that is the name of the user, too: it would hide half of the log', () => {
    expect(secretsOf('amqp://guest:guest@127.0.0.1/')).not.toContain('guest');
    expect(secretsOf('postgresql://faafo:tiger-2-go@db/faafo')).toContain('tiger-2-go');
  });

  it('is passed on byte by byte', () => {
    const line = '{"level":30,"n":12345678901234567890,"msg":"request"}\n';
    expect(lineMask(['hunter2'])(line)).toBe(line);
  });
});
