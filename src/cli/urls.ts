import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.ts';

/** A URL fit for logs and terminals: the password, when there is one, becomes `***`. Also for text that is no valid URL. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):.*@/i, '$1:***@')
    .replace(/((?:password|secret|token)=)[^&#]*/gi, '$1***');
}

/** The URL of an SQLite file, as SQLAlchemy writes it: three slashes before a relative path, four before an absolute one. */
export function sqliteUrl(path: string): string {
  return `sqlite:///${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`;
}

/**
 * The absolute path that a `sqlite:///` URL names; relative paths start at the working directory.
 * @throws {UsageError} on another scheme, a host or options
 */
export function sqlitePath(url: string): string {
  const match = /^sqlite:\/\/\/([^?#]+)$/.exec(url);
  if (!match) {
    throw new UsageError(
      `${maskUrl(url)}: this release keeps its state in SQLite only: sqlite:////var/lib/faafo/faafo.db (MySQL, MariaDB and PostgreSQL come in later releases).`,
    );
  }
  return resolve(decode(url, match[1]!));
}

/** The URL of a folder that holds images. */
export function folderUrl(path: string): string {
  return pathToFileURL(path).href;
}

/**
 * The absolute path that a `file:///` URL names.
 * @throws {UsageError} on another scheme, a host or options
 */
export function folderPath(url: string): string {
  if (!/^file:\/\/\/[^?#]*$/.test(url)) {
    throw new UsageError(
      `${maskUrl(url)}: this release keeps images in files only: file:///var/lib/faafo/images (databases, Swift and S3 come in later releases).`,
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
