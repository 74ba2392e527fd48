import { DELIVERY } from '../domain/delivery.ts';
import { Fault } from '../domain/fault.ts';
import type { Ports } from '../domain/ports.ts';
import { findLiveWorkers } from './read-status.ts';

/** What does not answer within so long counts as away: who asks is told within 2 s. */
const ANSWER_MS = 1_500;
/** The same answer again for so long: a flood of probes costs what one does. */
const KEPT_MS = 1_000;

/** How one part that a process stands on is, just now. */
export interface Dependency {
  readonly status: 'ok' | 'unavailable';
  /** how long it took to answer, or was waited for, milliseconds */
  readonly ms: number;
  /** what is wrong, for the operator */
  readonly detail?: string;
}

export interface Readiness {
  /** `impaired`: the process does what it is for, but not all of it works. `unavailable`: it cannot. */
  readonly status: 'ok' | 'impaired' | 'unavailable';
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

/** Never rejects, and resolves within 2 s whatever hangs. */
export type ReadinessReader = () => Promise<Readiness>;

/** Resolves when the dependency is there. @throws {Fault} with a sentence for the operator */
export type Look = () => Promise<unknown>;

/** Of an API: without database or store no order can be taken; without queue or workers orders wait. */
export function serviceReadiness(ports: Pick<Ports, 'repository' | 'store' | 'ringer'>): ReadinessReader {
  const { repository, store, ringer } = ports;
  const workers = async () => {
    if ((await findLiveWorkers(ports)).length > 0) return;
    throw new Fault('unavailable', `No worker has reported for ${DELIVERY.workerSilentMs / 1000} s.`);
  };
  const required = { database: () => repository.ping(), store: () => store.ping() };
  return readinessReader(required, { queue: () => ringer.ping(), workers });
}

/** Looks at each dependency by itself, so that one that hangs hides nothing of the others. Those who ask together share one look. */
export function readinessReader(
  required: Readonly<Record<string, Look>>,
  wanted: Readonly<Record<string, Look>> = {},
): ReadinessReader {
  const looks = Object.entries({ ...required, ...wanted }).map(([name, look]) => [name, watched(look)] as const);
  let looking: Promise<Readiness> | null = null;
  const lookAtAll = async (): Promise<Readiness> => {
    const found = await Promise.all(looks.map(async ([name, look]) => [name, await look()] as const));
    const away = found.filter(([, { status }]) => status !== 'ok').map(([name]) => name);
    const status = away.length === 0 ? 'ok' : away.some((name) => name in required) ? 'unavailable' : 'impaired';
    return { status, dependencies: Object.fromEntries(found) };
  };
  return () => {
    if (looking) return looking;
    looking = lookAtAll();
    const forget = () => {
      looking = null;
    };
    void looking.then(() => setTimeout(forget, KEPT_MS).unref());
    return looking;
  };
}

/** One question at a time: a part that hangs is not asked by more and more at once. */
function watched(look: Look): () => Promise<Dependency> {
  let asking: { readonly answer: Promise<Dependency>; readonly since: number } | null = null;
  const begin = () => {
    const since = performance.now();
    const answer = answered(look, since).finally(() => {
      asking = null;
    });
    return { answer, since };
  };
  return async () => {
    asking ??= begin();
    const { answer, since } = asking;
    const late = Promise.withResolvers<Dependency>();
    const timer = setTimeout(() => {
      const ms = sinceMs(since);
      late.resolve({ status: 'unavailable', ms, detail: `It has not answered for ${(ms / 1000).toFixed(1)} s.` });
    }, ANSWER_MS - sinceMs(since));
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function answered(look: Look, since: number): Promise<Dependency> {
  try {
    await look();
    return { status: 'ok', ms: sinceMs(since) };
  } catch (error) {
    // What is no fault of the domain is a defect, and may say what is nobody's business.
    const detail = error instanceof Fault ? error.message : 'It fails in a way that was not foreseen.';
    return { status: 'unavailable', ms: sinceMs(since), detail };
  }
}

const sinceMs = (since: number): number => Math.round(performance.now() - since);
