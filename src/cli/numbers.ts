import { InvalidArgumentError } from 'commander';

/** Parsers for the values of options. @throws {InvalidArgumentError} which commander turns into a usage error */
export function integer(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = integer(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

export function real(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || /[xob]/i.test(text) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number such as -1.5 or 1e-3.');
  }
  return value;
}

export function seconds(text: string): number {
  const value = real(text);
  if (value < 0) throw new InvalidArgumentError('It must be a number of seconds.');
  return value;
}
