import { createHash } from 'node:crypto';
import type { Assignment } from '../../../src/domain/dispatcher.ts';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import { ENGINE_VERSION } from '../../../src/engine/version.ts';
import { remoteDispatcher } from '../../../src/http/remote-dispatcher.ts';
import type { Farm } from './farm.ts';

/** A claim that is made again is for this very band: else a more urgent one may be given. */
const WORKER = { host: 'by-hand', engineVersion: ENGINE_VERSION, isRepeated: true };

/** Keeps the workers of a farm still, so that they hear of nothing until it is over. */
export async function withWorkersStill<T>(farm: Farm, act: () => Promise<T>): Promise<T> {
  for (const worker of farm.workers) worker.signal('SIGSTOP');
  try {
    return await act();
  } finally {
    for (const worker of farm.workers) worker.signal('SIGCONT');
  }
}

/** Claims a band as workers do. @throws when it cannot be claimed now */
export async function claimByHand(url: string, fractal: string, band = 0): Promise<Assignment> {
  const assignment = await remoteDispatcher(url).claim({ fractal: parseFractalId(fractal), band }, WORKER);
  if (!assignment) throw new Error(`band ${band} of ${fractal} cannot be claimed`);
  return assignment;
}

/** Claims the band of a lease anew. @returns the status: 204 when it is not given */
export async function claimAgain(
  url: string,
  { lease: { fractal, band } }: Assignment,
  headers: Record<string, string>,
): Promise<number> {
  return await statusOf(`${url}/v1/work/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ fractal, band, host: 'stranger', engine_version: ENGINE_VERSION, repeated: true }),
  });
}

/** Renews leases until it is disposed of. */
export function keepByHand(url: string, assignments: readonly Assignment[]): Disposable {
  const timer = setInterval(() => {
    for (const assignment of assignments)
      postWork(url, 'renew', assignment, holding(assignment.lease.token)).catch(() => undefined);
  }, 2_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Bytes of a band as its engine draws it, behind them those of the thumbnail where one is wanted, and the words that go with them. */
export async function drawByHand({
  spec,
  band,
  thumbnail,
}: Assignment): Promise<{ bytes: Buffer; words: Record<string, string> }> {
  await using engine = await createEngine({ threads: 1 });
  const drawn = await engine.renderBand(spec, band);
  const small = thumbnail ? (await engine.renderThumbnail(spec)).bytes : new Uint8Array();
  return {
    bytes: Buffer.concat([drawn.bytes, small]),
    words: {
      split: String(drawn.split),
      sha256: drawn.sha256,
      adler: String(drawn.adler),
      mirror_adler: String(drawn.mirrorAdler),
      thumbnail_bytes: String(small.length),
    },
  };
}

export const holding = (token: string): Record<string, string> => ({ 'faafo-lease': token });

/**
 * Delivers whatever it is given.
 * @param words of the query, in place of those that describe the bytes truly
 * @returns the status
 */
export async function putResult(
  url: string,
  { lease }: Assignment,
  bytes: Uint8Array,
  { words = {}, headers = holding(lease.token) }: { words?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<number> {
  const query = new URLSearchParams({
    fractal: lease.fractal,
    band: String(lease.band),
    attempt: String(lease.attempt),
    split: String(bytes.length),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    adler: '1',
    mirror_adler: '1',
    render_ms: '1',
    thumbnail_bytes: '0',
    ...words,
  });
  return await statusOf(`${url}/v1/work/result?${query}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: bytes as BodyInit,
  });
}

/** Says something about a lease. @returns the status */
export async function postWork(
  url: string,
  name: 'renew' | 'release' | 'fail',
  { lease: { fractal, band, attempt } }: Assignment,
  headers: Record<string, string>,
): Promise<number> {
  return await statusOf(`${url}/v1/work/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ fractal, band, attempt, reason: 'A stranger says so.' }),
  });
}

/** 0 when no answer came. */
async function statusOf(url: string, init: RequestInit): Promise<number> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
