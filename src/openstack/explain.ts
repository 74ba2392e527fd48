import { STATUS_CODES } from 'node:http';
import type { CloudAnswer } from '../domain/cloud.ts';
import { Fault, type FaultCode } from '../domain/fault.ts';
import { textOf } from './answer-bytes.ts';
import type { Outcome } from './retries.ts';

const RETRY_AFTER_S = 5;
const LONGEST_REASON = 200;

/** Which call it was that failed. */
export interface FailedCall {
  /** for people, such as `object-store` */
  readonly service: string;
  /** method and path, without what is secret */
  readonly call: string;
  readonly tries: number;
}

/** What is thrown when a call has failed for good: one line that names service, call and reason. */
export async function explain({ service, call, tries }: FailedCall, outcome: Outcome): Promise<Fault> {
  const often = tries > 1 ? `, ${tries} times` : '';
  if ('error' in outcome) {
    const { message, code } = outcome.error as NodeJS.ErrnoException;
    // Where a name has several addresses, all of which refuse, Node's message is empty.
    const why = message || code || 'no answer';
    return new Fault('unavailable', `${service}: ${call} failed${often}: ${why}.`, {
      cause: outcome.error,
      retryAfterSeconds: RETRY_AFTER_S,
    });
  }
  const { status, bytes } = outcome.answer;
  const said = reasonIn(await textOf(bytes).catch(() => ''));
  const reason = `${status} ${STATUS_CODES[status] ?? ''}`.trim() + (said === '' ? '' : `: ${said}`);
  return new Fault('unavailable', `${service}: ${call} failed${often}: ${reason.replace(/\.$/, '')}.`, {
    retryAfterSeconds: RETRY_AFTER_S,
  });
}

/** What a service refused, and why, for those who can do something about it. @throws always */
export async function refuse(service: string, call: string, { status, bytes }: CloudAnswer): Promise<never> {
  const said = reasonIn(await textOf(bytes).catch(() => ''));
  const reason = `${status} ${STATUS_CODES[status] ?? ''}`.trim() + (said === '' ? '' : `: ${said}`);
  const code = isQuota(status, said) ? 'busy' : (CODES[status] ?? 'unavailable');
  throw new Fault(code, `${service}: ${call} was refused: ${reason.replace(/\.$/, '')}.`);
}

/** Nova answers 403 and 413 for a quota, Neutron 409, all of which mean other things, too. */
const isQuota = (status: number, said: string): boolean => [403, 409, 413].includes(status) && /quota/i.test(said);

const CODES: Readonly<Record<number, FaultCode>> = { 400: 'invalid', 403: 'denied', 404: 'not_found', 409: 'conflict' };

/** What the services of OpenStack say why: JSON of some kind, a line, or a page. */
function reasonIn(text: string): string {
  const quoted = /"message": ?("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const json = quoted === undefined ? undefined : unquoted(quoted);
  const page = /<p>(.*?)<\/p>/s.exec(text)?.[1];
  const said = json ?? page ?? (text.includes('<') ? '' : text);
  return said.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON);
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
