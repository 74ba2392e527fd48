import type { Ran } from '../../support/run-faafo.ts';
import type { Operator } from './faafo.ts';
import type { TestProject } from './project.ts';
import { tapCloud } from './tap.ts';

/**
 * When a process is killed: `after` the cloud has carried out its first change, before it hears of that; or `before` a change arrives: each one makes the change that the last
 * one could not, hears of it, and is killed on the way to the next.
 */
export type Moment = 'after' | 'before';

/** More than any command here has changes, and repeats of them while an instance goes. */
const MOST_RUNS = 150;

/**
 * Runs `faafo cloud …` again and again, a process of its own each time, killed by SIGKILL at its first change, until one ends by itself.
 * @param eachTime called when one was killed
 * @returns the changes at which they were killed, and what the last one said. @throws when one fails, or none ends by itself
 */
export async function killedAtEveryChange(
  { project, operator }: { readonly project: TestProject; readonly operator: Operator },
  words: readonly string[],
  moment: Moment,
  eachTime: () => Promise<void>,
): Promise<{ readonly kills: readonly string[]; readonly last: Ran }> {
  await using tap = await tapCloud(project);
  const kills: string[] = [];
  for (let runs = 1; runs <= MOST_RUNS; runs++) {
    const { child, ended } = operator.start(words, tap.env);
    // The very first one makes nothing before it is killed.
    let passes = moment === 'before' && runs > 1 ? 1 : 0;
    tap.treat = async ({ method, path }, done) => {
      if (passes-- > 0) return 'pass';
      if (moment === 'after') await done;
      kills.push(`${method} ${path}`);
      child.kill('SIGKILL');
      return moment === 'after' ? 'lose answer' : 'lose call';
    };
    const last = await ended;
    if (!child.killed) {
      if (last.status === 0) return { kills, last };
      throw new Error(`faafo cloud ${words.join(' ')} ended with status ${last.status} after ${runs - 1} kills:\n${last.stderr}`);
    }
    await eachTime();
  }
  throw new Error(`faafo cloud ${words.join(' ')} changes something for ever:\n${kills.join('\n')}`);
}

/**
 * How many there were of each kind, such as `POST compute/servers` or `DELETE network/floatingips/ID`. What is said to one instance counts once: it may be there for a while after it was
 * told to go, and is told again.
 */
export function countKinds(changes: readonly string[]): Record<string, number> {
  const isSaidToOne = (change: string) => /\/servers\/./.test(change);
  const counted = changes.filter((change, i) => !isSaidToOne(change) || changes.indexOf(change) === i);
  const kinds = counted.map((change) =>
    change
      .replace(/\/v[\d.]+\//, '/')
      .replace(/\/[0-9a-f-]{32,36}(?=\/|$)/g, '/ID')
      .replace(/\/tags\/.*/, '/tags/MARK'),
  );
  return Object.fromEntries(Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, all]) => [kind, all!.length]));
}
