import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Permission of everybody to write. */
const OTHERS_WRITE = 0o002;

/**
 * The uppermost folder on the way to a path in which every user of this machine may put files, also where a sticky bit keeps them from replacing those of
 * others: whoever comes first to a name there has it. Links are followed to where they lead. A file that everybody may write counts as well.
 * @param path absolute; it need not exist yet
 * @returns null when there is none
 */
export function looseFolder(path: string): string | null {
  const ways = [path, whereItLeads(path)].map((way) => [...foldersAbove(way), way]);
  return ways.flat().find(isLoose) ?? null;
}

/** From the root down. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...foldersAbove(parent), parent];
}

/** The path with its links resolved, as far as it exists. */
function whereItLeads(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : `${whereItLeads(parent).replace(/\/$/, '')}${path.slice(parent === '/' ? 0 : parent.length)}`;
}

function isLoose(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  // The permissions of a link itself say nothing.
  if (status === undefined || status.isSymbolicLink()) return false;
  return (statSync(path).mode & OTHERS_WRITE) !== 0;
}
