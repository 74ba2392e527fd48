import { readResults, writeResults } from '../../../src/http/results-body.ts';
import { type Assigned, forgeResult } from './forge-result.ts';
import type { Draft } from './requests.ts';

type Lease = Assigned;

/** What the fuzzer has learnt from answers, so that requests are about what is there. */
export class Known {
  readonly #fractals: string[] = [];
  readonly #checksums: string[] = [];
  readonly #leases: Lease[] = [];
  readonly #tokens: string[] = [];
  readonly #secrets: string[] = [];
  readonly #enrolments: string[] = [];

  /** Only the newest are remembered: the others were deleted most likely. */
  learn(path: string, answer: unknown): void {
    const { uuid, checksum, token, objects, ...rest } = (answer ?? {}) as Record<string, unknown>;
    if (typeof uuid === 'string') remember(this.#fractals, uuid);
    if (typeof checksum === 'string') remember(this.#checksums, checksum);
    if (path.startsWith('/v1/tokens') && typeof token === 'string') {
      remember(this.#tokens, String(rest.id));
      remember(rest.uses === null ? this.#secrets : this.#enrolments, token);
    }
    if (path.startsWith('/v1/work/claim') && typeof token === 'string') {
      const { fractal, number, attempt, spec, band } = rest as unknown as Lease;
      remember(this.#leases, { fractal, number, attempt, token, spec, band });
      for (const each of (rest.more ?? []) as object[]) this.learn(path, each);
    }
    if (Array.isArray(objects)) for (const each of objects) this.learn('', each);
  }

  /** The request as it is sent. */
  resolve({ path, headers, body, lease, ...rest }: Draft): Draft {
    const held = lease === null ? undefined : at(this.#leases, lease);
    const same = {
      ...rest,
      lease,
      path: this.#fill(path),
      body: body && Buffer.from(this.#fill(body.toString('latin1')), 'latin1'),
    };
    const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.#fill(value)]));
    const whole = { ...same, headers: filled };
    if (!held) return whole;
    return whole.forgery === null ? withLease(whole, held) : withForgery(whole, held, whole.forgery);
  }

  #fill(text: string): string {
    return text
      .replace(/@fractal:(\d+)@/g, (_, n) => at(this.#fractals, Number(n)) ?? '154c7b41-108e-4696-a059-1bde9bf03d0a')
      .replace(/@FRACTAL:(\d+)@/g, (_, n) =>
        (at(this.#fractals, Number(n)) ?? '154c7b41-108e-4696-a059-1bde9bf03d0a').toUpperCase(),
      )
      .replace(/@token:(\d+)@/g, (_, n) => at(this.#tokens, Number(n)) ?? 'nowhere0')
      .replace(/@secret:(\d+)@/g, (_, n) => at(this.#secrets, Number(n)) ?? 'none')
      .replace(/@enrolment:(\d+)@/g, (_, n) => at(this.#enrolments, Number(n)) ?? 'none')
      .replace(/@checksum:(\d+)@/g, (_, n) => at(this.#checksums, Number(n)) ?? 'none');
  }
}

/** As the worker who holds that band would say it; what is wrong with the rest of the request stays. */
function withLease(draft: Draft, { fractal, number: band, attempt, token }: Lease): Draft {
  const headers = { ...draft.headers, 'faafo-lease': token };
  const path = draft.path
    .replace(/([?&]fractal=)[^&]*/, `$1${fractal}`)
    .replace(/([?&]band=)\d+/, `$1${band}`)
    .replace(/([?&]attempt=)\d+/, `$1${attempt}`);
  if (path.startsWith('/v1/work/results'))
    return { ...draft, path, headers, body: bundleOf(draft.body, { fractal, band, attempt }) };
  try {
    const body = JSON.parse(String(draft.body));
    if (typeof body !== 'object' || Array.isArray(body)) return { ...draft, path, headers };
    return { ...draft, path, headers, body: Buffer.from(JSON.stringify({ ...body, fractal, band, attempt })) };
  } catch {
    return { ...draft, path, headers };
  }
}

/** The same results as those of that lease, where they can be read. */
function bundleOf(
  body: Buffer | null,
  { fractal, band, attempt }: { readonly fractal: string; readonly band: number; readonly attempt: number },
): Buffer | null {
  try {
    const { head, bytes } = readResults(body ?? Buffer.alloc(0));
    const words = (head as object[]).map((each) => ({ ...each, fractal, band: String(band), attempt: String(attempt) }));
    return writeResults(words, [bytes]);
  } catch {
    return body;
  }
}

/** What a worker delivers who holds that band, and has not drawn it. */
function withForgery(draft: Draft, held: Lease, which: number): Draft {
  const { words, bytes } = forgeResult(held, which);
  const whose = { fractal: held.fractal, band: String(held.number), attempt: String(held.attempt) };
  const headers = { ...draft.headers, 'faafo-lease': held.token };
  if (draft.path.startsWith('/v1/work/results'))
    return { ...draft, headers, body: writeResults([{ ...whose, ...words, bytes: String(bytes.length) }], [bytes]) };
  const query = new URLSearchParams({ ...whose, ...words });
  return { ...draft, headers, path: `${draft.path.split('?')[0]}?${query}`, body: bytes };
}

const MOST = 100;

function remember<T>(list: T[], one: T): void {
  if (list.includes(one)) return;
  list.push(one);
  if (list.length > MOST) list.shift();
}

const at = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
