import type { Logger } from 'pino';
import { complain, Failed } from './run.ts';
import { exposure, objectionsTo } from './safe-start.ts';
import type { Settings } from './settings.ts';

/**
 * Refuses to be reached by others in a state that is unsafe, unless that is what somebody said in so many words; then the log says what is unsafe.
 * @throws {Failed} when it is refused; every objection was told
 */
export function insistOnSafety(settings: Settings, tokensExist: boolean, log: Logger): void {
  const objections = objectionsTo(settings, { tokensExist });
  if (!settings.insecure) {
    if (objections.length === 0) return;
    for (const objection of objections) complain(objection);
    complain(
      'Not started, because others could reach it: mend the above, listen on 127.0.0.1, or say --insecure to start all the same.',
    );
    throw new Failed();
  }
  for (const objection of objections) log.warn(`insecure: ${objection}`);
  if (!tokensExist && exposure(settings) !== null)
    log.warn('insecure: whoever reaches this service may do everything, until the first token is made');
}
