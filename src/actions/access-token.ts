import { createHash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * `faafo_` + id (8) + `_` + secret (43) + check digits (6): 64 letters and digits that a double click selects whole, that scanners of leaked secrets
 * recognise, and whose typing errors are told from wrong tokens without asking a database. An enrolment token has `enrol_` before its id: whoever holds one
 * knows that it must be exchanged, and an older release takes it for a misspelt token.
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LOWER = '0123456789abcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
/** 62^43 > 2^256 */
const SECRET_LENGTH = 43;
/** 62^6 > 2^32 */
const CHECK_LENGTH = 6;
const SHAPE = /^(faafo_(enrol_)?([0-9a-z]{8})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Whether there could be a token of that id: what is none needs no database, some of which refuse to be asked for it. */
export const isTokenId = (text: string): boolean => /^[0-9a-z]{8}$/.test(text);

export interface AccessToken {
  /** names it, and is no secret */
  readonly id: string;
  /** shown once, never stored */
  readonly text: string;
}

/** A new secret of 256 random bits. */
export const newAccessToken = (): AccessToken => newToken('faafo');
/** The same, to be exchanged for another. */
export const newEnrolmentToken = (): AccessToken => newToken('faafo_enrol');

function newToken(prefix: string): AccessToken {
  const id = Array.from({ length: ID_LENGTH }, () => LOWER[randomInt(LOWER.length)]).join('');
  const secret = inDigits(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  const text = `${prefix}_${id}_${secret}`;
  return { id, text: text + checkDigits(text) };
}

/** Whether a text could be an access token, or an enrolment token: `misspelt` when it has the form, but its check digits do not fit. */
export function judgeToken(text: string): 'possible' | 'enrolment' | 'misspelt' | 'foreign' {
  const [, body, kind, , check] = SHAPE.exec(text) ?? [];
  if (body === undefined) return text.startsWith('faafo_') ? 'misspelt' : 'foreign';
  if (checkDigits(body) !== check) return 'misspelt';
  return kind === undefined ? 'possible' : 'enrolment';
}

/** The id in a token of either kind. @throws when it is none */
export function tokenIdOf(text: string): string {
  const id = SHAPE.exec(text)?.[3];
  if (id === undefined) throw new Error('No token has an id but one of ours.');
  return id;
}

/** What the repository knows a token by. @returns SHA-256, hex */
export const hashAccessToken = (text: string): string => createHash('sha256').update(text).digest('hex');

const checkDigits = (text: string): string => inDigits(BigInt(crc32(text)), CHECK_LENGTH);

function inDigits(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text;
}
