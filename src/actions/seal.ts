import { createHash } from 'node:crypto';

const SEAL_BYTES = 32;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** The bytes with their SHA-256 behind them, for objects of which no row tells the checksum. */
export const seal = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, sha256(bytes)]);

/** The bytes before the seal; null when they are not those that were sealed. */
export function unseal(sealed: Uint8Array): Uint8Array | null {
  const bytes = sealed.subarray(0, Math.max(0, sealed.length - SEAL_BYTES));
  return sha256(bytes).equals(sealed.subarray(bytes.length)) ? bytes : null;
}
