import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HEADERS } from './headers.ts';
import { makeProblem } from './problem.ts';

const SENTENCES: Readonly<Record<number, string>> = {
  400: 'This is no HTTP request that can be read.',
  408: 'The request did not arrive in time.',
  431: 'The head of the request is too large.',
};

const STATUS_OF: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** Answers what Node could not read as a request, as everything else is answered: a problem, with the headers of all answers. The connection ends. */
export function refuseBrokenRequest(error: NodeJS.ErrnoException & { readonly rawPacket?: unknown }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const status = STATUS_OF[error.code ?? ''] ?? 400;
    const body = JSON.stringify(makeProblem(status, SENTENCES[status]!));
    const headers = {
      ...HEADERS,
      'cache-control': 'no-store',
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    // An answer to HEAD has no body, as far as one can tell what was asked.
    const isHead = Buffer.isBuffer(error.rawPacket) && error.rawPacket.toString('latin1', 0, 5) === 'HEAD ';
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${isHead ? '' : body}`);
  }
  socket.destroy(error);
}
