import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backlog } from '../../../src/domain/repository.ts';
import { isFinal } from '../../../src/domain/states.ts';
import type { FractalResource } from '../../../src/http/schemas.ts';
import { type Farm, PLANTED_SECRET } from './farm.ts';
import { type OrderBook, referenceOf } from './orders.ts';

/** After everything is healed, nothing may be unfinished for longer: what takes longer is wrong. */
const STRANDED_MS = 60_000;
/** But late is not lost: a farm on a machine that is busy with others is waited for while it comes nearer to the end. */
const STANDSTILL_MS = 60_000;
/** Pictures that are looked at side by side. */
const AT_A_TIME = 8;
/** Statuses that an order may be answered with; 0 is a broken connection. */
const DOCUMENTED = new Set([0, 200, 201, 429, 503]);

export interface Findings {
  readonly orders: number;
  readonly lost: number;
  readonly doubled: number;
  /** from healing until the last one was finished */
  readonly recoveryMs: number;
  /** sentences; empty when all is well */
  readonly wrong: readonly string[];
}

/**
 * What the farm owes its clients, judged after it was healed: every order that was answered 201 ends done, exactly once, as one picture whose bytes equal an
 * independent drawing; nothing else stays unfinished; only documented statuses; no secret in any log.
 */
async function check(farm: Farm, book: OrderBook): Promise<Findings> {
  const healedAt = performance.now();
  const wrong: string[] = [];
  const { stranded, left } = await awaitTheEnd(farm, healedAt);
  const recoveryMs = performance.now() - healedAt;
  if (stranded > 0) wrong.push(`${stranded} fractals were unfinished after ${STRANDED_MS / 1000} s`);
  for (const { uuid, state } of left)
    wrong.push(`${uuid} is still ${state}, and for ${STANDSTILL_MS / 1000} s nothing was finished`);
  const complaints = await judgeAll(farm, book);
  wrong.push(...complaints);
  const lost = complaints.length;
  const doubled = await countDoubled(farm, book);
  if (doubled > 0) wrong.push(`${doubled} fractals were finished twice`);
  for (const [status, times] of book.statuses) {
    if (!DOCUMENTED.has(status)) wrong.push(`status ${status} was answered ${times} times`);
  }
  for (const part of farm.parts) {
    if (part.log.includes(PLANTED_SECRET)) wrong.push(`the log of ${part.name} holds a password`);
    if (/Bearer [\w-]{20}|"(?:token|faafo-lease)":"[\w-]{20}|faafo_[0-9a-z]{8}_\w{20}/.test(part.log))
      wrong.push(`the log of ${part.name} holds a token`);
  }
  return { orders: book.answered.size, lost, doubled, recoveryMs, wrong };
}

/** Heals and checks. A farm that cannot be healed or asked is wrong as a whole. */
export async function healAndCheck(farm: Farm, book: OrderBook): Promise<Findings> {
  try {
    await farm.heal();
    return await check(farm, book);
  } catch (error) {
    const wrong = [`the farm could not be judged: ${(error as Error).stack}`];
    return { orders: book.answered.size, lost: 0, doubled: 0, recoveryMs: 0, wrong };
  }
}

interface End {
  /** how many were not finished in time */
  readonly stranded: number;
  /** what was not finished at all */
  readonly left: readonly { readonly uuid: string; readonly state: string }[];
}

async function awaitTheEnd(farm: Farm, healedAt: number): Promise<End> {
  let stranded = 0;
  let fewest = Number.POSITIVE_INFINITY;
  let fewerAt = healedAt;
  for (;;) {
    const backlog = await farm.repository.backlog.read().catch(() => null);
    const unfinished = backlog ? unfinishedOf(backlog) : null;
    if (unfinished === 0) return { stranded, left: [] };
    const now = performance.now();
    if (unfinished !== null && unfinished < fewest) [fewest, fewerAt] = [unfinished, now];
    if (stranded === 0 && now - healedAt > STRANDED_MS) stranded = unfinished ?? 1;
    if (now - fewerAt > STANDSTILL_MS) return { stranded, left: await listUnfinished(farm) };
    await sleep(100);
  }
}

const unfinishedOf = ({ fractals }: Backlog): number => fractals.queued + fractals.rendering + fractals.assembling;

async function listUnfinished(farm: Farm): Promise<{ uuid: string; state: string }[]> {
  const all = await farm.repository.fractals.list({}, { limit: 1000 });
  return all.filter(({ state }) => !isFinal(state)).map(({ id, state }) => ({ uuid: id, state }));
}

/** Looks at every order that was answered, a few at a time. @returns a sentence for each that is not as it should be */
async function judgeAll(farm: Farm, { answered }: OrderBook): Promise<string[]> {
  const wrong: string[] = [];
  const left = answered.entries();
  const judgeSome = async () => {
    for (const [uuid, body] of left) {
      const complaint = await judge(farm, uuid, await referenceOf(body));
      if (complaint !== null) wrong.push(`${uuid}: ${complaint}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, judgeSome));
  return wrong;
}

/** @returns what is wrong with one order that was answered, or null */
async function judge(farm: Farm, uuid: string, reference: string): Promise<string | null> {
  const response = await fetch(`${farm.url()}/v1/fractal/${uuid}`);
  if (response.status !== 200) return `was answered 201 and is now answered ${response.status}`;
  const fractal = (await response.json()) as FractalResource;
  if (fractal.state !== 'done') return `is ${fractal.state} (${fractal.error ?? 'no reason'})`;
  const picture = await fetch(`${farm.url()}/fractal/${uuid}`);
  if (picture.status !== 200) return `is done, and its picture is answered ${picture.status}`;
  const sha256 = createHash('sha256')
    .update(Buffer.from(await picture.arrayBuffer()))
    .digest('hex');
  if (sha256 !== reference) return 'has other bytes than an independent drawing';
  return fractal.checksum === sha256 ? null : 'has another checksum than its picture';
}

/** Fractals of which the history tells twice that they were done, though nobody damaged them in between. */
async function countDoubled(farm: Farm, { redrawn }: OrderBook): Promise<number> {
  const ends = new Map<string, number>();
  for (let position = 0; ; ) {
    const events = await farm.repository.events.after(position, 500);
    for (const { type, fractal } of events) if (type === 'done') ends.set(fractal, (ends.get(fractal) ?? 0) + 1);
    position = events.at(-1)?.number ?? position;
    if (events.length < 500) return [...ends].filter(([uuid, times]) => times > (redrawn.has(uuid) ? 2 : 1)).length;
  }
}
