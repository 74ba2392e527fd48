import { Fault, type FaultCode } from '../domain/fault.ts';
import { problem } from './schemas.ts';
import { Unreachable } from './unreachable.ts';

const CODE_OF: Readonly<Record<number, FaultCode>> = {
  401: 'unauthenticated',
  403: 'denied',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  429: 'busy',
};

/** Reasons, in words, why nobody answers. */
const ABSENCE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (is it started?)',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up',
  EHOSTUNREACH: 'no route to that host',
  ENETUNREACH: 'no route to that network',
};

/** Connections that were there, or almost. Everything else (wrong certificates, servers that speak no HTTP) stays as it is. */
const PASSING = /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_.*)$/;

/**
 * One HTTP exchange, without retries. The answer's status is 2xx; its body is not read yet.
 * @param endpoint scheme, host and path prefix, without user and password
 * @throws {Unreachable} when no answer comes within timeoutMs, {Fault} for an answer that is a problem, or the signal's reason
 */
export async function exchange(endpoint: string, path: string, init: RequestInit & { timeoutMs: number }): Promise<Response> {
  const { timeoutMs, signal, ...rest } = init;
  const headersIn = new AbortController();
  const timer = setTimeout(() => headersIn.abort(), timeoutMs);
  let response: Response;
  try {
    response = await fetch(`${endpoint}${path}`, {
      // An order that is led on becomes a mere look, and a token may go where it was not meant for.
      redirect: 'manual',
      ...rest,
      signal: AbortSignal.any([headersIn.signal, ...(signal ? [signal] : [])]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(endpoint, headersIn.signal.aborted ? 'it does not answer' : cause);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  const elsewhere = response.status < 400 ? response.headers.get('location') : null;
  if (elsewhere !== null) {
    await response.body?.cancel();
    const { origin } = new URL(elsewhere, endpoint);
    throw new Fault('invalid', `${endpoint} leads on to ${origin}: correct endpoint_url.`);
  }
  throw await refusal(endpoint, response);
}

/** A connection that could not be made, or broke. @param cause an error of fetch or of a body's reader, or what happened in words */
export function unreachable(endpoint: string, cause: unknown): Unreachable {
  const inner = (cause as Error).cause as NodeJS.ErrnoException | undefined;
  const code = inner?.code ?? (cause as NodeJS.ErrnoException).code;
  const absence = code === undefined ? undefined : (ABSENCE[code] ?? explainTls(code));
  const reason = absence ?? (typeof cause === 'string' ? cause : (inner?.message ?? (cause as Error).message));
  const message = `the API at ${endpoint} cannot be reached: ${reason}.`;
  return new Unreachable(message, { broken: typeof cause === 'string' || PASSING.test(code ?? ''), cause });
}

/** Source: https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes */
function explainTls(code: string): string | undefined {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired (renew it there)';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name (correct the host in endpoint_url)';
  if (/CERT|ISSUER|^UNABLE_TO_/.test(code))
    return `its certificate cannot be trusted (${code}): name the file of its authority with --ca-file`;
  if (/^(EPROTO|ERR_SSL_.*)$/.test(code)) return `it does not speak TLS (${code}): begin endpoint_url with http://`;
  return undefined;
}

async function refusal(endpoint: string, response: Response): Promise<Fault> {
  const { status, headers } = response;
  const text = await response.text().catch(() => '');
  if (status === 502 || status === 504) {
    return new Unreachable(`the API behind ${endpoint} cannot be reached (the proxy in front of it answers ${status}).`, {
      broken: true,
    });
  }
  const parsed = problem.safeParse(parseJson(text));
  const { detail, field, title: _, type: __, status: ___, request_id, ...members } = parsed.data ?? { detail: undefined };
  const trace = status >= 500 && request_id ? ` (request ${String(request_id)})` : '';
  const message = detail
    ? `${detail}${trace}`
    : `${endpoint} answered ${status}, and not as a faafo API would: is the URL right?`;
  const code = CODE_OF[status] ?? (status < 500 ? 'invalid' : 'unavailable');
  return new Fault(code, message, {
    ...(typeof field === 'string' && { field }),
    ...((status === 429 || status === 503) && { retryAfterSeconds: retryAfter(headers) }),
    members: members as Record<string, string | number | null>,
  });
}

/** Seconds; the header may also hold a date. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after') ?? '1';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 1;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
