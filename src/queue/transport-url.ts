import { Fault } from '../domain/fault.ts';

/** Where a RabbitMQ listens, and as whom to speak to it. */
export interface Transport {
  /** host name or address; IPv6 without brackets */
  readonly hostname: string;
  /** 1..65535 */
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  readonly tls: boolean;
  /** a PEM file of the authorities to trust instead of the usual ones; null for those */
  readonly caFile: string | null;
  /** seconds; a connection that is silent for about twice as long is given up */
  readonly heartbeat: number;
}

const FORM = 'amqp://user:password@host:5672/vhost (amqps:// with TLS)';
const PORTS: Readonly<Record<string, number>> = { 'amqp:': 5672, 'amqps:': 5671 };
const HEARTBEAT_S = 10;

/**
 * Reads a URL as RabbitMQ's URI specification has it. Without a path, and with `/`, `//` or `/%2F`, the virtual host is `/`; without a
 * user it is guest. Options: `cacertfile`, `heartbeat`.
 * @throws {Fault} `invalid`; its message never holds the password
 */
export function parseTransportUrl(text: string): Transport {
  const url = URL.canParse(text)
    ? new URL(text)
    : invalid(`This is no URL; write ${FORM}, and %40 for @, %2F for / in a password.`);
  const defaultPort = PORTS[url.protocol] ?? invalid(`${url.protocol}// is no queue that is known here; write ${FORM}.`);
  if (url.hostname === '') invalid(`The URL names no host; write ${FORM}.`);
  if (/[^\w.:[\]-]/.test(url.hostname)) invalid('The URL names one host, without a comma or other signs.');
  if (url.port === '0') invalid('Port 0 is none that a server listens on.');
  if (url.hash !== '') invalid('Write %23 for # in the URL.');
  const tls = url.protocol === 'amqps:';
  return {
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    username: decode(url.username) || 'guest',
    password: url.username === '' && url.password === '' ? 'guest' : decode(url.password),
    vhost: vhostOf(url.pathname),
    tls,
    ...readOptions(url.searchParams, tls),
  };
}

function vhostOf(path: string): string {
  if (path === '' || path === '/' || path === '//') return '/';
  if (path.indexOf('/', 1) !== -1) invalid('A virtual host is one word after the host; write %2F for each / in its name.');
  return decode(path.slice(1));
}

function readOptions(options: URLSearchParams, tls: boolean): Pick<Transport, 'caFile' | 'heartbeat'> {
  for (const name of options.keys()) {
    if (name !== 'cacertfile' && name !== 'heartbeat') {
      invalid(`The option ${name} is not known here; known are cacertfile (with amqps://) and heartbeat (seconds).`);
    }
  }
  const caFile = options.get('cacertfile');
  if (caFile !== null && !tls) invalid('cacertfile is of use with TLS only: begin the URL with amqps://.');
  if (caFile === '') invalid('cacertfile names no file.');
  const heartbeat = Number(options.get('heartbeat') ?? HEARTBEAT_S);
  if (!Number.isInteger(heartbeat) || heartbeat < 1 || heartbeat > 3600) invalid('heartbeat is 1 to 3600 seconds.');
  return { caFile, heartbeat };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return invalid('The URL holds a % that begins no escape: write %25 for the character itself.');
  }
}

function invalid(sentence: string): never {
  throw new Fault('invalid', sentence, { field: 'transport_url' });
}
