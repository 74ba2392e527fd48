import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.ts';

/** A URL fit for logs and terminals: the password, when there is one, becomes `***`. Also for text that is no valid URL. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):.*@/i, '$1:***@')
    .replace(/((?:password|secret|token)=)[^&#]*/gi, '$1***');
}

/** As SQLAlchemy writes them, with or without a driver. A host and the name of a database are needed. */
const SHARED_DATABASE =
  /^(?:postgres(?:ql)?|mysql|mariadb)(?:\+[a-z0-9]+)?:\/\/(?:[^/?#@]*(?::.*)?@)?[^/?#@]+\/[^/?#]+(?:\?[^#]*)?$/;

/** The URL of an SQLite file, as SQLAlchemy writes it: three slashes before a relative path, four before an absolute one. */
export function sqliteUrl(path: string): string {
  return `sqlite:///${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`;
}

/**
 * The absolute path that a `sqlite:///` URL names; relative paths start at the working directory. Null for the URL of a database that processes share.
 * @throws {UsageError} when it is neither
 */
export function sqlitePath(url: string): string | null {
  if (SHARED_DATABASE.test(url)) return null;
  const match = /^sqlite:\/\/\/([^?#]+)$/.exec(url);
  if (!match) {
    throw new UsageError(
      `${maskUrl(url)} names no database: write sqlite:////var/lib/faafo/faafo.db, postgresql://user:password@host/faafo or mysql://user:password@host/faafo.`,
    );
  }
  return resolve(decode(url, match[1]!));
}

/** The URL of a folder that holds images. */
export function folderUrl(path: string): string {
  return pathToFileURL(path).href;
}

/**
 * The absolute path that a `file:///` URL names; null for `database:`, which keeps images where state is.
 * @throws {UsageError} when it is neither
 */
export function folderPath(url: string): string | null {
  if (url === 'database:') return null;
  if (!/^file:\/\/\/[^?#]*$/.test(url)) {
    throw new UsageError(
      `${maskUrl(url)} names no store: write file:///var/lib/faafo/images, or database: to try out several API processes; swift://CONTAINER and s3://BUCKET?endpoint=URL let them share pictures for good.`,
    );
  }
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new UsageError(`${maskUrl(url)} names no folder.`, { cause });
  }
}

function decode(url: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new UsageError(`${maskUrl(url)} holds a % that begins no escape: write %25 for the character itself.`, { cause });
  }
}
