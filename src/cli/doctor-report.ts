import { Fault } from '../domain/fault.ts';
import { maskText } from './mask.ts';
import type { Column } from './output.ts';
import { complain } from './run.ts';

/** What was found out about one thing. */
export interface Finding {
  readonly check: string;
  /** `warn`: it works, but something should be done */
  readonly status: 'ok' | 'warn' | 'fail';
  /** a sentence without its full stop */
  readonly detail: string;
  /** what to do about it; null when nothing is to be done */
  readonly mend: string | null;
}

/** Looks at one thing. What it throws is a failure of that thing. */
export interface Check {
  readonly name: string;
  look(): Promise<readonly Omit<Finding, 'check'>[]>;
  /** for what it throws without saying how to mend it */
  readonly mend: string;
  /** a check without which this one would only say the same again */
  readonly needs?: string;
}

export const ok = (detail: string): Omit<Finding, 'check'> => ({ status: 'ok', detail, mend: null });
export const warn = (detail: string, mend: string): Omit<Finding, 'check'> => ({ status: 'warn', detail, mend });
export const fail = (detail: string, mend: string): Omit<Finding, 'check'> => ({ status: 'fail', detail, mend });

/** Said to be looked at when it takes longer. */
const SLOW_MS = 1_000;
const PATIENCE_MS = 10_000;

/** Makes one check after the other; one that hangs or breaks hides nothing of the others. */
export async function* findings(checks: readonly Check[]): AsyncGenerator<Finding> {
  const failed = new Set<string>();
  for (const check of checks) {
    if (check.needs !== undefined && failed.has(check.needs)) continue;
    const slow = setTimeout(() => complain(`looking at: ${check.name} …`), SLOW_MS);
    try {
      for (const found of await inTime(check)) yield { check: check.name, ...found, detail: maskText(found.detail) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failed.add(check.name);
      yield { check: check.name, ...fail(sentence(error), check.mend) };
    } finally {
      clearTimeout(slow);
    }
  }
}

async function inTime(check: Check): Promise<readonly Omit<Finding, 'check'>[]> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Fault('unavailable', `it has not answered for ${PATIENCE_MS / 1000} s`)),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([check.look(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const sentence = ({ message }: Error): string => maskText(message).replace(/\s+/g, ' ').replace(/\.$/, '');

/** `fail  database  … Mend: …` */
export function line({ check, status, detail, mend }: Finding): string {
  return `${status.padEnd(5)} ${check.padEnd(14)} ${detail}.${mend === null ? '' : ` ${mend}`}\n`;
}

export const COLUMNS: readonly Column<Finding>[] = [
  { name: 'Status', cell: ({ status }) => status },
  { name: 'Check', cell: ({ check }) => check },
  { name: 'Detail', cell: ({ detail }) => detail },
  { name: 'Mend', cell: ({ mend }) => mend },
];
