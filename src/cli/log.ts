import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** JSON lines on stderr, or readable ones when stderr is a terminal. Written at once: a killed process has said all it knew. */
export function openLog(level: string): Logger {
  if (!process.stderr.isTTY) return pino({ level }, pino.destination({ dest: 2, sync: true }));
  return pino({ level }, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}
