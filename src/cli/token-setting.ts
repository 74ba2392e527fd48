import { readFileSync, statSync } from 'node:fs';
import { judgeToken } from '../actions/access-token.ts';
import { complain } from './run.ts';
import { UsageError } from './usage-error.ts';

const OTHERS_MAY_READ = 0o044;

/** '' for none. @throws {UsageError} that does not repeat it */
export function parseToken(text: string): string {
  const token = text.trim();
  const form = token === '' ? 'possible' : judgeToken(token);
  if (form === 'possible') return token;
  if (form === 'enrolment')
    throw new UsageError('this is an enrolment token: it is for faafo-worker, and good for nothing else.');
  throw new UsageError('this is no token of faafo, or one that was copied wrongly: it begins with faafo_ and has 64 characters.');
}

/** The same, for who can exchange an enrolment token. @throws {UsageError} */
export function parseWorkerToken(text: string): string {
  const token = text.trim();
  return judgeToken(token) === 'enrolment' ? token : parseToken(text);
}

/** The token that a file holds. @param path '' for none @throws {UsageError} */
export function readToken(path: string): string {
  if (path === '') return '';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`token_file: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  warnIfOthersMayRead(path);
  if (text.trim() === '') throw new UsageError(`token_file: ${path} is empty.`);
  return text;
}

export function warnIfOthersMayRead(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & OTHERS_MAY_READ) !== 0) complain(`warning: others may read ${path}, which holds a token: chmod 600 ${path}`);
}
