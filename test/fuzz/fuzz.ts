import fc from 'fast-check';
import type { Caller } from './support/callers.ts';
import { Known } from './support/known.ts';
import type { Operation } from './support/operations.ts';
import { type Draft, draftOf } from './support/requests.ts';
import { curlOf, send } from './support/send.ts';
import { complaints, parse } from './support/verdict.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly operations: readonly Operation[];
  readonly callers: readonly Caller[];
  /** requests in all, about */
  readonly count: number;
  readonly seed: number;
}

export interface Findings {
  readonly sent: number;
  /** how often which operation was answered with which status */
  readonly statuses: Readonly<Record<string, number>>;
  /** for each operation and caller that found something: what, and the smallest request that shows it, for a shell */
  readonly wrong: readonly string[];
}

/** How many operations are tried at a time: enough for answers to overtake each other. */
const AT_ONCE = 6;

/** Asks for every operation as every caller, again and again, and looks at each answer. The same seed asks the same. */
export async function fuzz({ url, operations, callers, count, seed }: FuzzOptions): Promise<Findings> {
  const known = new Known();
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  let sent = 0;
  const ask = async (operation: Operation, { token }: Caller, draft: Draft): Promise<string[]> => {
    const { headers, ...rest } = known.resolve(draft);
    const asked = { ...rest, headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } };
    sent++;
    const answer = await send(url, asked).catch((error: Error) => error.message);
    if (typeof answer === 'string') return [`no answer: ${answer}\n    ${curlOf(url, asked)}`];
    const kind = `${operation.method} ${operation.path} ${answer.status}`;
    statuses[kind] = (statuses[kind] ?? 0) + 1;
    known.learn(asked.path, answer.headers['content-type']?.includes('json') ? parse(answer.body) : null);
    return complaints(operation, asked, answer).map((sentence) => `${sentence}\n    ${curlOf(url, asked)}`);
  };
  const tasks = callers.flatMap((caller) => operations.map((operation) => ({ caller, operation })));
  // What orders and makes goes first, so that there is something to ask for.
  const isFirst = ({ operation, caller }: (typeof tasks)[number]) =>
    Number(operation.method === 'POST' && !operation.path.includes('{') && caller.name !== 'anonymous');
  tasks.sort((a, b) => isFirst(b) - isFirst(a));
  const numRuns = Math.ceil(count / tasks.length);
  const next = tasks.entries();
  const work = async (): Promise<void> => {
    for (const [n, { caller, operation }] of next) {
      const property = fc.asyncProperty(draftOf(operation), async (draft) => {
        const found = await ask(operation, caller, draft);
        if (found.length > 0) throw new Error(found.join('\n'));
      });
      const { failed, errorInstance } = await fc.check(property, { numRuns, seed: seed + n });
      if (failed) wrong.push(`as ${caller.name}: ${(errorInstance as Error).message}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { sent, statuses, wrong };
}
