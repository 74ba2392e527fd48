import { STATUS_CODES } from 'node:http';
import type { CloudAnswer, CloudRequest, CloudService } from '../domain/cloud.ts';
import { Fault } from '../domain/fault.ts';
import { FullStore } from './full-store.ts';

const PAGE = 1000;
/** On the way to its quota, or beyond it; and a disk that is full. */
const IS_FULL = [413, 507];

/** Whoever wrote the same name a moment later has arrived already. */
const OVERTAKEN = 202;

/** A line of a listing. */
export interface SwiftRow {
  readonly name: string;
  /** of the whole object, where that lies in segments */
  readonly bytes: number;
  /** UTC without a zone */
  readonly last_modified: string;
}

/** A container and, beside it, the one that holds the segments of its large objects. */
export interface SwiftContainer extends AsyncDisposable {
  /** escaped, with a slash in front, as all paths here */
  readonly path: string;
  readonly segmentsPath: string;
  /** See CloudService. The answer is to be read, or given up. */
  send(request: CloudRequest): Promise<CloudAnswer>;
  /** The same for those whose answer's headers tell all. */
  call(request: CloudRequest): Promise<CloudAnswer>;
  /** Stores an object if that is its checksum. @throws {Fault} `unavailable`, also when the store is full */
  put(path: string, body: Uint8Array | string, md5: string, timeoutMs?: number): Promise<void>;
  /** In the order of their names, a page at a time. */
  list(path: string, prefix?: string): AsyncIterable<SwiftRow>;
}

/** @throws {Fault} `unavailable`, also when a container is missing and cannot be made, or is not to be made */
export async function openContainer(service: CloudService, name: string, make: boolean): Promise<SwiftContainer> {
  const path = `/${encodeURIComponent(name)}`;
  const segmentsPath = `${path}_segments`;
  const send = (request: CloudRequest) => service.send(request);
  const call = async (request: CloudRequest) => drained(await send(request));
  const container: SwiftContainer = {
    path,
    segmentsPath,
    send,
    call,
    async put(at, body, md5, timeoutMs) {
      const headers = { etag: md5, 'content-type': 'application/octet-stream' };
      const { status } = await call({
        method: 'PUT',
        path: at,
        headers,
        body,
        expected: [201, OVERTAKEN, ...IS_FULL],
        timeoutMs,
      });
      if (IS_FULL.includes(status)) throw new FullStore(`object-store: PUT ${at}: ${status} ${STATUS_CODES[status]}`);
    },
    async *list(at, prefix = '') {
      for (let marker = ''; ; ) {
        const query = new URLSearchParams({ format: 'json', limit: String(PAGE), prefix, marker });
        const rows = JSON.parse(
          await textOf(await send({ method: 'GET', path: `${at}?${query}`, expected: [200] })),
        ) as SwiftRow[];
        yield* rows;
        if (rows.length < PAGE) return;
        marker = rows.at(-1)!.name;
      }
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
  for (const each of [path, segmentsPath])
    await (make ? ensure(container, each) : insist(container, each, 'is made at the first start'));
  return container;
}

/** Who may only use containers that others have made is refused, and that is fine where they are there. */
async function ensure({ call }: Pick<SwiftContainer, 'call'>, path: string): Promise<void> {
  const made = await call({ method: 'PUT', path, expected: [201, 202, 403] });
  const why = 'cannot be made (403 Forbidden): have it made, or use the credentials of a member of the project';
  if (made.status === 403) await insist({ call }, path, why);
}

async function insist({ call }: Pick<SwiftContainer, 'call'>, path: string, why: string): Promise<void> {
  const { status } = await call({ method: 'HEAD', path, expected: [200, 204, 404] });
  const name = decodeURIComponent(path.slice(1));
  if (status === 404) throw new Fault('unavailable', `object-store: there is no container ${name}, and it ${why}.`);
}

/** The answer, when its body has come to its end and the connection is free for the next call. */
export async function drained(answer: CloudAnswer): Promise<CloudAnswer> {
  for await (const _ of answer.bytes);
  return answer;
}

async function textOf({ bytes }: CloudAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
