import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** A hundred years. */
const LONGEST = 36_500 * 86_400;

/** `90d`, `12h`, `30m`, `45s`; Infinity for `never`. @throws {InvalidArgumentError} */
export function spanInSeconds(text: string): number {
  if (text === 'never') return Number.POSITIVE_INFINITY;
  const [, number = '', unit = ''] = /^(\d{1,10})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (SECONDS[unit] ?? 0);
  if (seconds < 1 || seconds > LONGEST) throw new InvalidArgumentError('Write 90d, 12h, 30m or never.');
  return seconds;
}
