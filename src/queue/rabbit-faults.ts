import { Fault } from '../domain/fault.ts';
import { DOORBELL_QUEUE } from './rabbit-doorbell.ts';

export const unavailable = (message: string, cause?: unknown): Fault =>
  new Fault('unavailable', message, { retryAfterSeconds: 2, cause });

/** Codes with which a server closes a channel and keeps the connection. */
const REFUSALS = ['ACCESS_REFUSED', 'INTERNAL_ERROR', 'NOT_FOUND', 'PRECONDITION_FAILED', 'RESOURCE_LOCKED'];

/** Whether the server itself says what is wrong, as opposed to a connection that is gone. */
export function isRefusal(error: unknown): boolean {
  return REFUSALS.includes(readError(error).code);
}

export function isNotFound(error: unknown): boolean {
  return readError(error).code === 'NOT_FOUND';
}

/** Whether a queue did not take a message. */
export function isRejection(fault: unknown): boolean {
  return fault instanceof Fault && readError(fault.cause).code === 'NACK';
}

/**
 * @param at the server, as the beginning of a sentence
 * @param wasUp whether the server had let us in on this connection
 * @returns one line, which says what to do where something can be done
 */
export function explainRabbit(at: string, error: unknown, wasUp: boolean): string {
  if (error instanceof Fault) return error.message;
  const { code, message } = readError(error);
  if (code === 'ACCESS_REFUSED') return wasUp ? explainPermission(at, message) : explainLogin(at);
  if (code === 'NOT_ALLOWED') {
    return `${at} has no such virtual host, or not for this user: correct the end of transport_url, or see to it with rabbitmqctl add_vhost and set_permissions.`;
  }
  if (code === 'PRECONDITION_FAILED') return explainPrecondition(at, message);
  if (/CERT|ISSUER|^UNABLE_TO_|^ERR_TLS_/.test(code)) {
    return `${at} shows a certificate that cannot be trusted (${code}): correct the host in transport_url, or name the file of its authority in ca_file or ?cacertfile=.`;
  }
  if (/SSL|TLS|^EPROTO$/.test(code)) {
    return `${at} does not speak TLS (${code}): name its port for TLS in transport_url, or begin it with amqp://.`;
  }
  if (code === 'NACK') return `${at} has a queue that takes no messages.`;
  if (code === 'CONNECTION_TIMEOUT') return `${at} cannot be reached (it does not answer).`;
  if (REFUSALS.includes(code)) return `${at} refuses: ${message}`;
  if (wasUp || (code !== 'ECONNRESET' && /^E[A-Z]+$/.test(code))) return `${at} cannot be reached (${code || message}).`;
  const hint = /amqps:/.test(at) ? '' : ' If this port is one for TLS, begin transport_url with amqps://.';
  return `${at} lets nobody in (${code || message}).${hint}`;
}

function explainLogin(at: string): string {
  const isGuest = /\/\/(guest:|[^@]*$)/.test(at);
  const about = isGuest ? ' The user guest may speak to a server on its own machine only.' : '';
  return `${at} refuses this user and password: correct transport_url.${about}`;
}

function explainPermission(at: string, message: string): string {
  return `${at} does not let this user do what it must (${message}): give it permission to configure, write and read faafo.* (rabbitmqctl set_permissions).`;
}

function explainPrecondition(at: string, message: string): string {
  if (message.startsWith('QueueDeclare')) {
    return `${at} holds a queue ${DOORBELL_QUEUE} of another kind (${message}): delete it (rabbitmqctl delete_queue ${DOORBELL_QUEUE}); it is made anew.`;
  }
  if (message.includes('timed out')) return `${at} took back what was heard for longer than its consumer_timeout: raise that.`;
  return `${at} refuses: ${message}`;
}

function readError(error: unknown): { code: string; message: string } {
  // Several addresses were tried: the first one's reason is as good as any.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  if (!(first instanceof Error)) return { code: '', message: String(first) };
  return { code: 'code' in first ? String(first.code) : '', message: first.message.replace(/^undefined: /, '') };
}
