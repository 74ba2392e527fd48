import type { Command } from 'commander';
import type { Client } from '../http/client.ts';
import type { Waiting } from '../http/persist.ts';
import { interruption } from './interrupt.ts';
import { localTime } from './local-time.ts';
import { maskText } from './mask.ts';
import { complain } from './run.ts';
import { loadClientSettings } from './settings.ts';
import { readFlags } from './settings-flags.ts';

/** What a client command works with. */
export interface Session {
  readonly client: Client;
  /** aborts when the command is to end */
  readonly signal: AbortSignal;
  /** A log line on stderr under --verbose. */
  readonly note: (message: string) => void;
}

const QUIET_WAIT_MS = 1_000;
const SAY_AGAIN_MS = 10_000;

/** Settles the endpoint and the verbosity of a command. @throws {UsageError} */
export async function openSession(command: Command): Promise<Session> {
  const { verbose = false, debug = false } = command.optsWithGlobals<{ verbose?: boolean; debug?: boolean }>();
  const { endpoint_url, ca_file, token } = loadClientSettings(readFlags(command));
  if (ca_file !== '') (await import('./trust.ts')).trustAuthority(ca_file);
  const signal = interruption();
  // Loaded late: commands that ask no service start without its weight.
  const { Client } = await import('../http/client.ts');
  const client = new Client(endpoint_url, {
    signal,
    ...(token !== '' && { token }),
    onWait: sayWhyNothingHappens(),
    ...(debug && { onRequest: (line: string) => logLine('DEBUG', line) }),
  });
  return { client, signal, note: (message) => void ((verbose || debug) && logLine('INFO', message)) };
}

/** The log line of the Fractals application: time, process, level, logger, request. */
function logLine(level: 'INFO' | 'DEBUG', message: string): void {
  const now = new Date();
  const milliseconds = String(now.getMilliseconds()).padStart(3, '0');
  process.stderr.write(`${localTime(now)}.${milliseconds} ${process.pid} ${level} faafo.client [-] ${maskText(message)}\n`);
}

/** One line for each new reason to wait, however many requests wait for it; now and then when only its figures have changed. */
function sayWhyNothingHappens(): (waiting: Waiting) => void {
  let said = { message: '', code: '', at: Number.NEGATIVE_INFINITY };
  return ({ fault: { message, code }, delayMs }) => {
    const at = performance.now();
    if (delayMs < QUIET_WAIT_MS || message === said.message || (code === said.code && at - said.at < SAY_AGAIN_MS)) return;
    said = { message, code, at };
    complain(`${message} Trying again.`);
  };
}
