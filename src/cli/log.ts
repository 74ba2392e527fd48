import { type Logger, type LoggerOptions, pino } from 'pino';
import pretty, { type PrettyStream } from 'pino-pretty';
import { lineMask, secretsOf } from './mask.ts';
import type { Settings } from './settings.ts';

/** What a log has to know of the settings. */
type LogSettings = Pick<Settings, 'log_level'> &
  Partial<Pick<Settings, 'database_url' | 'transport_url' | 'endpoint_url'>> & {
    readonly token?: string;
  };

/**
 * JSON lines on stderr, or readable ones when stderr is a terminal. Written at once: a killed process has said all it knew. Secrets are masked in the
 * finished line, so that none can slip by through a field, a message or the cause of an error.
 */
export function openLog(program: string, settings: LogSettings): Logger {
  const isForPeople = process.stderr.isTTY;
  return pino(logOptions(program, settings), isForPeople ? readable(2) : pino.destination({ dest: 2, sync: true }));
}

/** @param program who speaks: faafo-api or faafo-worker */
export function logOptions(program: string, settings: LogSettings): LoggerOptions {
  const { log_level: level, database_url = '', transport_url = '', endpoint_url = '', token = '' } = settings;
  const streamWrite = lineMask([...[database_url, transport_url, endpoint_url].flatMap(secretsOf), token]);
  return { level, name: program, hooks: { streamWrite }, timestamp: pino.stdTimeFunctions.isoTime };
}

/** Lines for people. @param destination a file descriptor or a stream */
export function readable(destination: number | NodeJS.WritableStream): PrettyStream {
  const fields = { ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss', singleLine: true };
  return pretty({ destination, sync: true, ...fields });
}

/** What Node would write to stderr in a form of its own goes through the log: its warnings, and the defect that ends the process. */
export function logWhatNodeSays(log: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') log.warn({ err: warning }, 'warning of Node');
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by a defect');
    process.exit(1);
  });
}
