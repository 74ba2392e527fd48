import fc from 'fast-check';
import { type Caller, mayAsk } from './support/callers.ts';
import { Known } from './support/known.ts';
import type { Operation } from './support/operations.ts';
import { type Draft, draftOf } from './support/requests.ts';
import { curlOf, send } from './support/send.ts';
import { complaints, parse } from './support/verdict.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly operations: readonly Operation[];
  readonly callers: readonly Caller[];
  /** requests in all, at least */
  readonly count: number;
  readonly seed: number;
  /** answers that somebody had before, by what was asked for */
  readonly heard?: readonly (readonly [path: string, answer: unknown])[];
}

export interface Findings {
  readonly sent: number;
  /** how often which operation was answered with which status */
  readonly statuses: Readonly<Record<string, number>>;
  /** how often whom who asked for which operation, by its path and method, and how often it was done */
  readonly pairs: Readonly<Record<string, Reached>>;
  /** results that nobody drew: how many were looked into and refused */
  readonly forgeriesFound: number;
  /** for each operation and caller that found something: what, and the smallest request that shows it, for a shell */
  readonly wrong: readonly string[];
}

interface Reached {
  readonly sent: number;
  readonly done: number;
}

/** How many operations are tried at a time: enough for answers to overtake each other. */
const AT_ONCE = 6;
/** Whoever may do something has more to try than whoever is refused at the door; a worker, who needs a lease for most, yet more; a page has little to get wrong. */
function shareOf({ operation, caller }: Task): number {
  if (operation.isForPeople || !mayAsk(operation, caller)) return 1;
  return operation.path.startsWith('/v1/work/') ? 24 : 4;
}

interface Task {
  readonly operation: Operation;
  readonly caller: Caller;
}

export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

/** Asks for every operation as every caller, again and again, and looks at each answer. The same seed asks the same. */
export async function fuzz({ url, operations, callers, count, seed, heard = [] }: FuzzOptions): Promise<Findings> {
  const known = new Known();
  for (const each of heard) known.learn(...each);
  const statuses: Record<string, number> = {};
  const pairs: Record<string, Reached> = {};
  const wrong: string[] = [];
  let [sent, forgeriesFound] = [0, 0];
  const ask = async (operation: Operation, { name, token, url: itsUrl = url }: Caller, draft: Draft): Promise<string[]> => {
    const { headers, ...rest } = known.resolve(draft);
    const asked = { ...rest, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } };
    sent++;
    const answer = await send(itsUrl, asked).catch((error: Error) => error.message);
    if (typeof answer === 'string') return [`no answer: ${answer}\n    ${curlOf(itsUrl, asked)}`];
    const kind = `${nameOf(operation)} ${answer.status}`;
    statuses[kind] = (statuses[kind] ?? 0) + 1;
    const body = answer.headers['content-type']?.includes('json') ? parse(answer.body) : null;
    if (asked.isOnTheWay) {
      const pair = `${nameOf(operation)} as ${name}`;
      const { sent: before, done } = pairs[pair] ?? { sent: 0, done: 0 };
      pairs[pair] = { sent: before + 1, done: done + Number(answer.status < 300) };
    }
    if (/are no band of this picture/.test(String(body?.detail))) forgeriesFound++;
    known.learn(asked.path, body);
    return complaints(operation, asked, answer).map((sentence) => `${sentence}\n    ${curlOf(itsUrl, asked)}`);
  };
  const tasks: Task[] = callers.flatMap((caller) => operations.map((operation) => ({ caller, operation })));
  // What orders, makes and claims goes first, and is delivered before it is given back, so that there is something to ask for.
  const isFirst = ({ operation, caller }: Task) =>
    Number(/^(?:POST|PUT) (?!.*(?:\{|release|fail|pause))/.test(nameOf(operation)) && caller.name !== 'anonymous');
  tasks.sort((a, b) => isFirst(b) - isFirst(a));
  const shares = tasks.reduce((sum, task) => sum + shareOf(task), 0);
  const next = tasks.entries();
  const work = async (): Promise<void> => {
    for (const [n, task] of next) {
      const { caller, operation } = task;
      const property = fc.asyncProperty(draftOf(operation), async (draft) => {
        const found = await ask(operation, caller, draft);
        if (found.length > 0) throw new Error(found.join('\n'));
      });
      const numRuns = Math.ceil((count * shareOf(task)) / shares);
      const { failed, errorInstance } = await fc.check(property, { numRuns, seed: seed + n });
      if (failed) wrong.push(`as ${caller.name}: ${(errorInstance as Error).message}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { sent, statuses, pairs, forgeriesFound, wrong };
}
