import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Draft } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** empty for an event stream, which has no end */
  readonly body: Buffer;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const PATIENCE_MS = 20_000;

/** Sends it as it is, and hears the answer to its end. @throws when there is none */
export async function send(url: string, { method, path, headers, body }: Draft): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const asking = request(
      { agent, hostname, port, method, path: wireOf(path), headers: { ...headers, ...length } },
      (response) => {
        const { statusCode: status = 0, headers: heard } = response;
        const isEndless = heard['content-type']?.startsWith('text/event-stream') ?? false;
        const pieces: Buffer[] = [];
        const done = () => resolve({ status, headers: heard, body: Buffer.concat(pieces) });
        if (isEndless) {
          response.destroy();
          return done();
        }
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', done);
        response.on('error', reject);
      },
    );
    asking.setTimeout(PATIENCE_MS, () => asking.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    asking.on('error', reject);
    asking.end(body ?? undefined);
  });
}

/** What cannot stand in the first line of a request at all is escaped. */
const wireOf = (path: string): string => path.replace(/[^\x21-\xff]/g, (sign) => encodeURIComponent(sign.toWellFormed()));

/** The same request for a shell. */
export function curlOf(url: string, { method, path, headers, body }: Draft): string {
  const words = ['curl', '-i', '--path-as-is', ...(method === 'HEAD' ? ['-I'] : ['-X', method])];
  for (const [name, value] of Object.entries(headers)) words.push('-H', quoted(`${name}: ${value}`));
  if (body === null) return [...words, quoted(url + wireOf(path))].join(' ');
  const isPlain = /^[\x20-\x7e]*$/.test(body.toString('latin1'));
  words.push(isPlain ? `--data-binary ${quoted(body.toString('latin1'))}` : '--data-binary @-', quoted(url + wireOf(path)));
  return isPlain ? words.join(' ') : `echo ${body.toString('base64')} | base64 -d | ${words.join(' ')}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
