import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ANONYMOUS_ROLES, type AnonymousRole } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import { DEFAULT_LIMITS, HARD_LIMITS } from '../domain/limits.ts';
import { DEFAULT_HTTP_LIMITS } from '../http/http-limits.ts';
import { parseTransportUrl } from '../queue/transport-url.ts';
import { parseHosts, parseOrigins, parseProxies } from './parse-doors.ts';
import { gatherSettings, type SettingOrigin } from './settings-sources.ts';
import { parseStorageUrl } from './storage-url.ts';
import { parseToken, parseWorkerToken, readToken, warnIfOthersMayRead } from './token-setting.ts';
import { folderUrl, maskUrl, sqlitePath, sqliteUrl } from './urls.ts';
import { UsageError } from './usage-error.ts';

/*
 * A plain table, not schemas: every command reads it before it does anything, and loading a schema library took as long as drawing a
 * picture of 1024 x 1024.
 */

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Three hundred years. */
const MOST_DAYS = 100_000;

/** One setting. Settings arrive as text, whether from a flag, the environment or a file. */
interface Setting<T> {
  /** for --help */
  readonly about: string;
  /** what it is when nobody says anything, as text, which --help shows; or made from the settings before it, and `about` says how */
  readonly fallback: string | ((before: Readonly<Record<string, unknown>>) => string);
  /** @throws {UsageError} with what a value must be */
  parse(text: string): T;
}

const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new UsageError(`must be a whole number from ${min} to ${max}`);
  return value;
};

/** Settings of everything that only talks to an API. */
const CLIENT_SETTINGS = {
  endpoint_url: { about: 'where the API is', fallback: 'http://127.0.0.1:8080', parse: parseEndpoint },
  ca_file: {
    about: 'PEM file of an authority to trust beside the usual ones, for https:// and amqps:// (default: none)',
    fallback: () => '',
    parse: optionalPath,
  },
  token_file: {
    about: 'file that holds the token which shows who you are; or set FAAFO_TOKEN (default: none)',
    fallback: () => '',
    parse: optionalPath,
  },
  /** No flag: lists of processes show flags to everybody. */
  token: {
    about: 'the token itself',
    fallback: ({ token_file }) => readToken(String(token_file)),
    parse: parseToken,
  },
} satisfies Record<string, Setting<unknown>>;

/** Two ways to say the same. */
const RIVALS = [['token', 'token_file']] as const;
/** Where those who watch look: faafo-api answers them at its own address, too, a worker only here. */
const METRICS_SETTINGS = {
  metrics_listen_address: {
    about: 'internal address for /metrics, /healthz and /readyz alone, without identities (default: none)',
    fallback: () => '',
    parse: (text: string) => text,
  },
  metrics_bind_port: { about: 'port there; 0 means any free one', fallback: '8082', parse: wholeNumber(0, 65_535) },
} satisfies Record<string, Setting<unknown>>;

/** Settings of the service. The order is that of --help. */
const SETTINGS = {
  listen_address: { about: 'address to listen on; 0.0.0.0 or :: means all', fallback: '127.0.0.1', parse: parseAddress },
  bind_port: { about: 'port to listen on; 0 means any free one', fallback: '8080', parse: wholeNumber(0, 65_535) },
  worker_listen_address: {
    about: 'internal address where workers are let in (default: beside everybody)',
    fallback: () => '',
    parse: (text: string) => text,
  },
  worker_bind_port: { about: 'port there; 0 means any free one', fallback: '8081', parse: wholeNumber(0, 65_535) },
  tls_cert: {
    about: 'PEM file of the certificate and its chain, for HTTPS; read again on SIGHUP (default: none, plain HTTP)',
    fallback: () => '',
    parse: optionalPath,
  },
  tls_key: {
    about: 'PEM file of its private key, which others may not read (default: none)',
    fallback: () => '',
    parse: optionalPath,
  },
  allowed_hosts: {
    about:
      "host names under which the service is known; on a loopback address beside this machine's own (default: any, or none there)",
    fallback: () => '',
    parse: parseHosts,
  },
  allowed_origins: {
    about: 'origins of other sites whose pages may use the API, such as https://example.org (default: none)',
    fallback: () => '',
    parse: parseOrigins,
  },
  trusted_proxies: {
    about: 'addresses or networks of proxies that tell who a request comes from (default: none)',
    fallback: () => '',
    parse: parseProxies,
  },
  anonymous: {
    about:
      'what those may do who show no token: none, viewer or creator; on a loopback address everything, until there is a token',
    fallback: 'none',
    parse: parseAnonymous,
  },
  insecure: {
    about: 'start although others can reach the service in an unsafe state; the log says what is unsafe',
    fallback: 'false',
    parse: parseSwitch,
  },
  ...METRICS_SETTINGS,
  ...CLIENT_SETTINGS,
  data_dir: {
    about: 'folder for the database and the images (default: ./data)',
    fallback: () => './data',
    parse: (path: string) => resolve(path),
  },
  database_url: {
    about: 'where state is kept (default: sqlite:///DATA_DIR/faafo.db)',
    fallback: ({ data_dir }) => sqliteUrl(join(String(data_dir), 'faafo.db')),
    parse: (text: string) => checked(text, sqlitePath),
  },
  storage_url: {
    about:
      'where images are kept: file:///PATH, swift://CONTAINER, s3://BUCKET?endpoint=URL or database: (default: file:///DATA_DIR/images)',
    fallback: ({ data_dir }) => folderUrl(join(String(data_dir), 'images')),
    parse: (text: string) => checked(text, parseStorageUrl),
  },
  transport_url: {
    about: 'the work queue: embedded: draws in this process, amqp:// or amqps:// lets workers draw',
    fallback: 'embedded:',
    parse: (text: string) => checked(text, checkTransport),
  },
  state_dir: {
    about:
      'folder where faafo-worker keeps the token that it got for an enrolment token (default: faafo in XDG_STATE_HOME or ~/.local/state)',
    fallback: () => join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'faafo'),
    parse: (path: string) => resolve(path),
  },
  threads: {
    about: 'threads that draw (default: one for each core)',
    fallback: () => String(availableParallelism()),
    parse: wholeNumber(1, 1024),
  },
  max_side: {
    about: 'most pixels along one side',
    fallback: String(DEFAULT_LIMITS.maxSide),
    parse: wholeNumber(1, HARD_LIMITS.maxSide),
  },
  max_iterations: {
    about: 'most iterations',
    fallback: String(DEFAULT_LIMITS.maxIterations),
    parse: wholeNumber(1, HARD_LIMITS.maxIterations),
  },
  max_cost: {
    about: 'most width x height x iterations of one order',
    fallback: String(DEFAULT_LIMITS.maxCost),
    parse: parseCost,
  },
  max_client_cost: {
    about: 'most width x height x iterations of all unfinished orders of one client',
    fallback: String(DEFAULT_LIMITS.maxClientCost),
    parse: parseCost,
  },
  max_outstanding_cost: {
    about: 'most width x height x iterations of all unfinished orders',
    fallback: String(DEFAULT_LIMITS.maxOutstandingCost),
    parse: parseCost,
  },
  max_orders_per_second: {
    about: 'most orders of one client that are looked at in a second; five times as many may come at once',
    fallback: String(DEFAULT_HTTP_LIMITS.maxOrdersPerSecond),
    parse: wholeNumber(1, 1_000_000),
  },
  max_event_streams: {
    about: 'most event streams of one client at a time',
    fallback: String(DEFAULT_HTTP_LIMITS.maxEventStreams),
    parse: wholeNumber(1, 1_000_000),
  },
  max_failures_per_minute: {
    about: 'most wrong tokens of one address in a minute',
    fallback: String(DEFAULT_HTTP_LIMITS.maxFailuresPerMinute),
    parse: wholeNumber(1, 1_000_000),
  },
  max_connections: {
    about: 'most connections at a time; fewer where the system allows fewer open files',
    fallback: String(DEFAULT_HTTP_LIMITS.maxConnections),
    parse: wholeNumber(1, 1_000_000),
  },
  max_connections_per_address: {
    about: 'most of them from one address that is no trusted proxy; 0: a quarter',
    fallback: '0',
    parse: wholeNumber(0, 1_000_000),
  },
  keep_days: {
    about: 'days that finished fractals are kept; 0: for ever',
    fallback: '0',
    parse: parseDays,
  },
  keep_bytes: {
    about: 'most bytes of finished pictures, such as 500 GiB: beyond them the oldest are deleted; 0: no limit',
    fallback: '0',
    parse: parseBytes,
  },
  scrub_rate: {
    about: 'how fast stored pictures are read again to find damage, bytes a second; 0 means not at all',
    fallback: String(2 ** 20),
    parse: wholeNumber(0, 2 ** 40),
  },
  log_level: { about: 'what to log', fallback: 'info', parse: parseLogLevel },
} satisfies Record<string, Setting<unknown>>;

/** The service itself shows nobody a token. */
const { token: _, token_file: __, state_dir: ___, ...SERVICE_SETTINGS } = SETTINGS;

/** Settings of a worker on its own: it has no database and no store. */
const WORKER_SETTINGS = {
  endpoint_url: SETTINGS.endpoint_url,
  ca_file: SETTINGS.ca_file,
  token_file: SETTINGS.token_file,
  /** or one that it exchanges for its own */
  token: { ...SETTINGS.token, parse: parseWorkerToken },
  state_dir: SETTINGS.state_dir,
  transport_url: SETTINGS.transport_url,
  threads: SETTINGS.threads,
  ...METRICS_SETTINGS,
  log_level: SETTINGS.log_level,
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
type ValuesOf<Table> = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };
export type ClientSettings = ValuesOf<typeof CLIENT_SETTINGS>;
/** Everything the service can be told, under the documented names; data_dir is absolute, URLs are checked. */
export type Settings = ValuesOf<typeof SERVICE_SETTINGS>;
export type WorkerSettings = ValuesOf<typeof WORKER_SETTINGS>;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
export const isWorkerSetting = (name: SettingName): boolean => name in WORKER_SETTINGS;
export const isServiceSetting = (name: SettingName): boolean => name in SERVICE_SETTINGS;
export const isClientSetting = (name: SettingName): boolean => name in CLIENT_SETTINGS;

/** For --help. */
export function describeSetting(name: SettingName): string {
  const { about, fallback }: Setting<unknown> = SETTINGS[name];
  return typeof fallback === 'string' ? `${about} (default: ${fallback})` : about;
}

/** What the flags of a command said; `config_file` names the configuration file. */
export type SettingFlags = Partial<Record<SettingName | 'config_file', string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Which settings somebody wrote somewhere. @throws {UsageError} */
export function saidSettings(flags: SettingFlags = {}, env: Environment = process.env): SettingName[] {
  const said = gatherSettings(SETTING_NAMES, flags, env, RIVALS);
  return SETTING_NAMES.filter((name) => said.has(name));
}

/**
 * Settings of a server: a flag is stronger than the environment (FAAFO_BIND_PORT), that than the configuration file, that than the default.
 * @throws {UsageError} on unknown names and values that cannot be
 */
export function loadSettings(flags: SettingFlags = {}, env: Environment = process.env): Settings {
  return parse<Settings>(SERVICE_SETTINGS, flags, env);
}

/** Settings of a worker on its own, which needs a queue that others ring. @throws {UsageError} */
export function loadWorkerSettings(flags: SettingFlags = {}, env: Environment = process.env): WorkerSettings {
  const settings = parse<WorkerSettings>(WORKER_SETTINGS, flags, env);
  if (settings.transport_url !== 'embedded:') return settings;
  throw new UsageError(
    "transport_url is missing: a worker on its own needs the URL of the API's RabbitMQ, such as amqp://user:password@host:5672/ (without RabbitMQ, faafo-api draws itself).",
  );
}

/** Settings of a client. Values of other settings are not looked at, so that one file may serve both. @throws {UsageError} */
export function loadClientSettings(flags: SettingFlags = {}, env: Environment = process.env): ClientSettings {
  return parse<ClientSettings>(CLIENT_SETTINGS, flags, env);
}

function parse<Values>(table: Readonly<Record<string, Setting<unknown>>>, flags: SettingFlags, env: Environment): Values {
  const found = gatherSettings(SETTING_NAMES, flags, env, RIVALS);
  const values: Record<string, unknown> = {};
  for (const [name, { fallback, parse }] of Object.entries(table)) {
    const origin = found.get(name);
    if (name === 'token' && origin?.path) warnIfOthersMayRead(origin.path);
    const text = origin?.text ?? (typeof fallback === 'string' ? fallback : fallback(values));
    values[name] = explained(name, origin, () => parse(text));
  }
  return values as Values;
}

/** Says whose value it was that cannot be. */
function explained<T>(name: string, origin: SettingOrigin | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const value = error.message.endsWith('.') ? '' : `, not '${maskUrl(origin?.text ?? '')}'.`;
    throw new UsageError(`${origin?.where ?? name}: ${error.message}${value}`);
  }
}

function checked(text: string, check: (text: string) => unknown): string {
  check(text);
  return text;
}

function parseSwitch(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw new UsageError('must be true or false');
}

function optionalPath(path: string): string {
  return path === '' ? '' : resolve(path);
}

function parseAddress(text: string): string {
  if (text === '') throw new UsageError('must be an address such as 127.0.0.1 or ::');
  return text;
}

function parseEndpoint(text: string): string {
  const parsed = URL.parse(text);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !parsed.hostname || parsed.search || parsed.hash) {
    throw new UsageError('must be an http:// or https:// URL such as http://127.0.0.1:8080');
  }
  return text.replace(/\/+$/, '');
}

function checkTransport(text: string): void {
  if (text === 'embedded:') return;
  try {
    parseTransportUrl(text);
  } catch (error) {
    if (error instanceof Fault)
      throw new UsageError(`${maskUrl(text)}: ${error.message} Or write embedded: to draw in this process.`);
    throw error;
  }
}

function parseCost(text: string): bigint {
  if (!/^0*[1-9]\d*$/.test(text)) throw new UsageError('must be a whole number above 0');
  return BigInt(text);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || days > MOST_DAYS) throw new UsageError(`must be a number of days, ${MOST_DAYS} at most`);
  return days;
}

const UNITS = ['', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function parseBytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d+) ?([KMGTP]iB)?$/.exec(text) ?? [];
  const bytes = Number(number) * 1024 ** UNITS.indexOf(unit);
  if (number === '' || !Number.isSafeInteger(bytes)) throw new UsageError('must be a number of bytes such as 500 GiB or 1000000');
  return bytes;
}

function parseAnonymous(text: string): AnonymousRole {
  const role = ANONYMOUS_ROLES.find((each) => each === text);
  if (!role) throw new UsageError(`must be one of ${ANONYMOUS_ROLES.join(', ')}`);
  return role;
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text);
  if (!level) throw new UsageError(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
