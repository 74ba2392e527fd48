import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** How long a browser stays signed in at most; its token may end earlier. */
export const SESSION_MS = 12 * 3_600_000;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TIME_BYTES = 8;
/** Longer texts are no session, and are not looked at. */
const MAX_LENGTH = 256;

export interface OpenedSession {
  readonly token: string;
  /** milliseconds since 1970, by this service's clock */
  readonly endsAt: number;
}

/*
 * What a browser keeps is its token and an end, sealed so that only this service can read it: whoever finds it has a session for some hours and no token, and whoever
 * reads the database has the key and no token. Nothing is stored here, and revoking the token ends its sessions.
 */

/** @returns letters, digits, - and _ */
export function sealSession(signingKey: Uint8Array, { token, endsAt }: OpenedSession): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(signingKey), nonce);
  const end = Buffer.alloc(TIME_BYTES);
  end.writeBigUInt64BE(BigInt(endsAt));
  const sealed = Buffer.concat([cipher.update(end), cipher.update(token, 'latin1'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** Null when it was not sealed with this key, or was changed since. It may have ended. */
export function openSession(signingKey: Uint8Array, text: string): OpenedSession | null {
  if (text.length > MAX_LENGTH || !/^[\w-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  const head = NONCE_BYTES + TAG_BYTES;
  if (bytes.length <= head + TIME_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, keyOf(signingKey), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, head));
  try {
    const opened = Buffer.concat([decipher.update(bytes.subarray(head)), decipher.final()]);
    return { endsAt: Number(opened.readBigUInt64BE(0)), token: opened.toString('latin1', TIME_BYTES) };
  } catch {
    return null;
  }
}

const keyOf = (signingKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', signingKey, new Uint8Array(), 'faafo session', 32));
