import { Fault } from '../../domain/fault.ts';
import { nearest } from '../../domain/nearest.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

const MOST_NAMES = 12;

/**
 * The one thing that a name or an id means.
 * @param what for messages, such as `image`
 * @param flag how one says another, such as `--image`
 * @throws {Fault} `not_found` with what there is, `conflict` when several have that name
 */
export function resolveName<T extends Named>(all: readonly T[], word: string, what: string, flag: string): T {
  const byId = all.find(({ id }) => id === word);
  if (byId) return byId;
  const found = all.filter(({ name }) => name === word);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new Fault('conflict', `There are ${found.length} ${what}s called ${word}: name one by its id with ${flag}: ${ids}.`);
  }
  throw new Fault('not_found', `There is no ${what} '${word}'${meant(all, word)}`);
}

/** The only one there is, where nobody says which. @throws {Fault} `invalid` with what there is */
export function resolveOnly<T extends Named>(all: readonly T[], what: string, flag: string): T {
  if (all.length === 1) return all[0]!;
  if (all.length === 0) throw new Fault('not_found', `There is no ${what}.`);
  throw new Fault('invalid', `There are several ${what}s: choose one with ${flag}: ${listed(all)}.`);
}

function meant(all: readonly Named[], word: string): string {
  if (all.length === 0) return ', and no other either.';
  const near = nearest(
    word,
    all.map(({ name }) => name),
  );
  return near === undefined ? `; there are ${listed(all)}.` : `: did you mean ${near}? There are ${listed(all)}.`;
}

function listed(all: readonly Named[]): string {
  const names = [...new Set(all.map(({ name }) => name))].sort();
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return names.slice(0, MOST_NAMES).join(', ') + more;
}
