import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { CloudAnswer, CloudRequest } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import { AnswerBytes } from './answer-bytes.ts';
import type { Cloud } from './clouds.ts';

const TIMEOUT_MS = 30_000;
/** A larger body waits until the server asks for it: one that refuses a body closes the connection, and what it said is lost while that is still being written to. */
const ASK_FIRST_BYTES = 2 ** 16;
/** Then it is sent unasked: some do not know how to ask. */
const UNASKED_MS = 1_000;

/** What goes over the wire: without a token of its own, and without a second try. */
export interface Connection extends Disposable {
  /** @throws what Node says when there is no answer */
  send(url: string, request: Omit<CloudRequest, 'path' | 'expected'>): Promise<CloudAnswer>;
}

/**
 * Connections to everything in a cloud, kept open between calls. Node's own client and not fetch: a cloud may have a certificate authority, or ask for a certificate, of its own.
 * @throws {Fault} `invalid` when a file that the cloud names cannot be read
 */
export function openConnection(cloud: Pick<Cloud, 'name' | 'caFile' | 'certFile' | 'keyFile' | 'verify'>): Connection {
  const pem = (file: string | undefined) => (file === undefined ? undefined : readPem(cloud.name, file));
  const secure = new https.Agent({
    keepAlive: true,
    ca: pem(cloud.caFile),
    cert: pem(cloud.certFile),
    key: pem(cloud.keyFile),
    rejectUnauthorized: cloud.verify,
  });
  const plain = new http.Agent({ keepAlive: true });
  return {
    send: (url, request) =>
      url.startsWith('https:') ? exchange(https.request, secure, url, request) : exchange(http.request, plain, url, request),
    [Symbol.dispose]: () => {
      secure.destroy();
      plain.destroy();
    },
  };
}

function exchange(
  open: typeof http.request,
  agent: http.Agent,
  url: string,
  { method, headers, body, timeoutMs = TIMEOUT_MS }: Omit<CloudRequest, 'path' | 'expected'>,
): Promise<CloudAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? (method === 'PUT' || method === 'POST' ? 0 : undefined) : Buffer.byteLength(body);
    const asks = length !== undefined && length > ASK_FIRST_BYTES;
    const lines = {
      ...headers,
      ...(length !== undefined && { 'content-length': length }),
      ...(asks && { expect: '100-continue' }),
    };
    const sent = open(url, { method, agent, headers: lines });
    const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const go = () => {
      clearTimeout(unasked);
      if (!sent.writableEnded) sent.end(body);
    };
    const unasked = asks ? setTimeout(go, UNASKED_MS) : undefined;
    const end = () => {
      clearTimeout(late);
      clearTimeout(unasked);
    };
    sent.on('continue', go);
    sent.on('error', (error) => {
      end();
      reject(error);
    });
    sent.on('response', (answer) => {
      end();
      // Refused before its body was sent: the connection is in the midst of a request.
      if (!sent.writableEnded) answer.once('end', () => sent.destroy());
      const said = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
      resolve({ status: answer.statusCode!, headers: Object.fromEntries(said), bytes: new AnswerBytes(answer, TIMEOUT_MS) });
    });
    if (asks) sent.flushHeaders();
    else go();
  });
}

function readPem(cloud: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Fault('invalid', `The cloud ${cloud}: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}
