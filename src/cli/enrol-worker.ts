import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { hashAccessToken, judgeToken, tokenIdOf } from '../actions/access-token.ts';
import { Fault } from '../domain/fault.ts';
import { enrol } from '../http/enrol.ts';
import { mayPass, pause, pauseMs } from '../worker/patience.ts';
import { keepOwnToken } from './own-token.ts';
import { troubleOf } from './say-when-away.ts';
import type { WorkerSettings } from './settings.ts';

/** The same trouble is not told more often. */
const SILENCE_MS = 60_000;

/** What a worker shows its API; the file is where it keeps a token of its own. */
export interface Pass {
  readonly token: string;
  readonly file: string | null;
}

/** Where a worker keeps what an enrolment token was exchanged for. */
export const ownTokenFile = (stateDir: string, enrolmentToken: string): string =>
  join(stateDir, `enrolled-by-${tokenIdOf(enrolmentToken)}.token`);

/**
 * The token of a worker; one that was given an enrolment token makes one for itself, keeps it, and has it enrolled: also at each later start, which changes
 * nothing then, so that it does not matter at which line it was killed. An API that is away or busy is waited for.
 * @returns null when the worker is to stop before there was an answer
 * @throws {Fault} with what to do, when it is not let in @throws {UsageError} when the token cannot be kept
 */
export async function passOf(
  settings: Pick<WorkerSettings, 'endpoint_url' | 'token' | 'state_dir'>,
  { log, stop }: { readonly log: Logger; readonly stop: AbortSignal },
): Promise<Pass | null> {
  const { token: given, endpoint_url, state_dir } = settings;
  if (judgeToken(given) !== 'enrolment') return { token: given, file: null };
  const file = ownTokenFile(state_dir, given);
  const token = await keepOwnToken(file);
  const body = { id: tokenIdOf(token), hash: hashAccessToken(token), host: hostname() };
  let said = { trouble: '', at: Number.NEGATIVE_INFINITY };
  for (let tries = 1; !stop.aborted; tries++) {
    try {
      const { id, name, last_used_at } = await enrol(endpoint_url, given, body, stop);
      log.info(
        { token_id: id },
        `${last_used_at === null ? 'enrolled' : 'was enrolled before'} as ${name}: its token is in ${file}`,
      );
      return { token, file };
    } catch (error) {
      if (stop.aborted) break;
      if (!mayPass(error)) throw error instanceof Fault ? withAdvice(error, file) : error;
      const trouble = troubleOf(error as Fault);
      if (trouble !== said.trouble || performance.now() - said.at >= SILENCE_MS) {
        said = { trouble, at: performance.now() };
        log.warn(`not enrolled yet: ${(error as Fault).message} Trying again.`);
      }
      await pause(pauseMs(error, tries), stop);
    }
  }
  return null;
}

/** What whoever runs this worker can do. */
function withAdvice({ code, message, details }: Fault, file: string): Fault {
  if (code !== 'unauthenticated') return new Fault(code, message, details);
  const wasEnrolled = details.members?.token_id !== undefined;
  const advice = wasEnrolled
    ? `To have it enrolled anew, delete ${file}.`
    : 'An admin makes another with faafo token enrol: set it as FAAFO_TOKEN, or name its file with --token-file.';
  return new Fault('denied', `${message} ${advice}`);
}
