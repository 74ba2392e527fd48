import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'rabbitmq-client';
import { Fault } from '../domain/fault.ts';
import type { DoorbellListener, DoorbellRinger, Pulse } from '../domain/queue.ts';
import type { LinkState } from '../domain/telemetry.ts';
import { RabbitLink } from './rabbit-link.ts';
import { listenTo } from './rabbit-listener.ts';
import { RabbitPulse } from './rabbit-pulse.ts';
import { RabbitRinger } from './rabbit-ringer.ts';
import { RabbitVoice } from './rabbit-voice.ts';
import { parseTransportUrl, type Transport } from './transport-url.ts';

export interface RabbitQueueOptions {
  /** what the server is called in messages: its URL without the password */
  readonly name: string;
  /** called with one line for each trouble, not for each time it is met, and with one when it is over */
  readonly onTrouble: (line: string) => void;
  /** a queue that takes nothing for so long, while the server answers, is deleted and made anew; 20 s unless given */
  readonly mendAfterMs?: number;
}

/** Doorbells and pulses through a RabbitMQ, for as many processes as there are. */
export interface RabbitQueue extends DoorbellRinger, DoorbellListener, AsyncDisposable {
  readonly pulse: Pulse;
  /** its connections to the server */
  links(): readonly LinkState[];
}

/**
 * Does not wait for the server: until it is there, and whenever it is away, ringing fails and listening waits.
 * @throws {Fault} `invalid` when the URL cannot be used
 */
export async function openRabbitQueue(
  url: string,
  { name, onTrouble, mendAfterMs = 20_000 }: RabbitQueueOptions,
): Promise<RabbitQueue> {
  const options = await connectionOptions(parseTransportUrl(url));
  const voice = new RabbitVoice(name, onTrouble);
  // Two connections, because a server that is short of memory reads nothing more from one that publishes: no acknowledgements either.
  const ringing = new RabbitLink('ringing', options, voice);
  const listening = new RabbitLink('listening', options, voice);
  listening.open();
  const ringer = new RabbitRinger({ ringing, listening, voice, mendAfterMs });
  const closing = new AbortController();
  return {
    ring: (doorbells) => ringer.ring(doorbells),
    depth: () => ringer.depth(),
    ping: () => ringer.ping(),
    links: () => [ringing.state, listening.state],
    listen: (hear, { concurrency, signal }) =>
      listenTo(listening, voice, hear, { concurrency, signal: AbortSignal.any([signal, closing.signal]) }),
    pulse: new RabbitPulse({ voice, listening, ringing, signal: closing.signal }),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.all([ringing[Symbol.asyncDispose](), listening[Symbol.asyncDispose]()]);
    },
  };
}

async function connectionOptions(transport: Transport): Promise<ConnectionOptions> {
  const { hostname, port, username, password, vhost, heartbeat, tls, caFile } = transport;
  const trusted = caFile === null ? {} : { ca: await readAuthorities(caFile) };
  return { hostname, port, username, password, vhost, heartbeat, noDelay: true, ...(tls ? { tls: trusted } : {}) };
}

async function readAuthorities(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Fault('invalid', `The file ${file} (cacertfile) cannot be read.`, { field: 'transport_url', cause });
  }
}
