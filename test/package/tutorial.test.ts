import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = resolve(import.meta.dirname, '../../docs/tutorial');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const names = readdirSync(FOLDER);
const snippets = names.filter((name) => /^\d\d-.*\.ts$/.test(name)).sort();

/* test/cloud/tutorial.test.ts runs the programs; npm run check knows their types. */
describe('the tutorial', () => {
  it('has a page for each program, and no others, numbered without gaps', () => {
    expect(snippets.map((name) => name.slice(0, 2))).toEqual(snippets.map((_, at) => String(at + 1).padStart(2, '0')));
    const pages = [...snippets, 'common.ts'].map((name) => (name === 'common.ts' ? 'README.md' : name.replace('.ts', '.md')));
    // What npm run test:guests has seen belongs to no program.
    const others = ['common.ts', 'guests.md'];
    expect(names.filter((name) => !name.startsWith('.')).sort()).toEqual([...snippets, ...others, ...pages].sort());
  });

  it.each([...snippets, 'common.ts'])('shows %s as it is', (name) => {
    const page = read(name === 'common.ts' ? 'README.md' : name.replace('.ts', '.md'));
    const shown = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]);
    expect(shown).toEqual([read(name)]);
    if (name !== 'common.ts') expect(read('README.md')).toContain(`(${name.replace('.ts', '.md')}) | \`${name}\` |`);
  });

  it('is written with what others can import, too', () => {
    for (const name of [...snippets, 'common.ts']) {
      const from = [...read(name).matchAll(/ from '([^']+)'/g)].map((match) => match[1]);
      expect([name, from.filter((each) => !/^(node:.*|@faafo\/faafo\/openstack|\.\/common\.ts)$/.test(each!))]).toEqual([
        name,
        [],
      ]);
    }
  });
});
