import { type Findings, nameOf } from '../fuzz.ts';
import { type Caller, mayAsk } from './callers.ts';
import type { Operation } from './operations.ts';

/** What can be asked for and not be had here, each with its reason. */
const NEVER_DONE: Readonly<Record<string, string>> = {};

/** What a run has left out: pairs that nobody asked for, and operations that were never once done for somebody who may. */
export function leftOut(
  findings: readonly Findings[],
  { operations, callers }: { readonly operations: readonly Operation[]; readonly callers: readonly Caller[] },
): string[] {
  const found: string[] = [];
  const total = (operation: Operation, { name }: Caller, what: 'sent' | 'done'): number =>
    findings.reduce((sum, { pairs }) => sum + (pairs[`${nameOf(operation)} as ${name}`]?.[what] ?? 0), 0);
  for (const operation of operations) {
    const unasked = callers.filter((caller) => total(operation, caller, 'sent') === 0);
    if (unasked.length > 0)
      found.push(`${nameOf(operation)} was never asked for as ${unasked.map(({ name }) => name).join(', ')}`);
    const refused = callers.filter((caller) => !mayAsk(operation, caller) && total(operation, caller, 'done') > 0);
    if (refused.length > 0) found.push(`${nameOf(operation)} was done for ${refused.map(({ name }) => name).join(', ')}`);
    const wasDone = callers.some((caller) => mayAsk(operation, caller) && total(operation, caller, 'done') > 0);
    if (!wasDone && !Object.hasOwn(NEVER_DONE, nameOf(operation)))
      found.push(`${nameOf(operation)} was never done for anybody who may`);
  }
  if (findings.every(({ forgeriesFound }) => forgeriesFound === 0)) found.push('no result was looked into');
  return found;
}
