import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

interface Component {
  readonly name: string;
  readonly version: string;
  readonly scope: string;
  readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly hashes?: readonly object[];
}
interface Locked {
  readonly hasInstallScript?: true;
  readonly integrity?: string;
  readonly resolved?: string;
}
interface Complainant {
  readonly complaints: (direct: readonly object[], rows: ReadonlyMap<string, object>) => string[];
  readonly directDependencies: () => { name: string; version: string; licence: string; bytes: number }[];
  readonly TOOL_FOLDERS: readonly string[];
  readonly documented: () => Map<string, Record<string, string>>;
}
const script = async () => (await import(join(ROOT, 'scripts/dependencies.mjs'))) as Complainant;

/** Licences of what is shipped; that of libvips lets it be used as a library that can be exchanged, which it is. */
const SHIPPED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'OFL-1.1',
  'BlueOak-1.0.0',
  'LGPL-3.0-or-later',
];
/** Those of tools, beside them. */
const TOOLS = [...SHIPPED, 'MPL-2.0', 'CC0-1.0', 'Python-2.0'];

describe('every direct dependency', () => {
  it('has its line in docs/dependencies.md: version, an allowed licence, date, size, and what it is for', async () => {
    const { complaints, directDependencies, documented } = await script();
    expect(complaints(directDependencies(), documented())).toEqual([]);
  });

  it('would be missed if it had none, or a wrong one', async () => {
    const { complaints, directDependencies, documented } = await script();
    const direct = directDependencies();
    const change = (name: string, cells: Record<string, string>) =>
      complaints(direct, new Map([...documented(), [name, { ...documented().get(name), ...cells }]]));
    const without = new Map([...documented()].filter(([name]) => name !== 'fastify'));
    expect(complaints(direct, without)).toEqual([expect.stringMatching(/^fastify has no line/)]);
    expect(change('pg', { version: '1.0.0' })).toEqual([expect.stringMatching(/^pg is .* in package\.json, 1\.0\.0/)]);
    expect(change('pg', { licence: 'GPL-3.0' })).toEqual(['pg is licensed MIT, the document says GPL-3.0.']);
    expect(change('pg', { size: '1 kB' })).toEqual([expect.stringMatching(/^pg has \d+ kB/)]);
    expect(change('pg', { released: '?' })).toEqual(['pg has no date of its release.']);
    expect(change('pg', { rest: ' | |' })).toEqual(['pg: nothing says what it is for.']);
    const tool = 'tools/lighthouse/lighthouse';
    expect(change(tool, { size: '?' })).toEqual([`${tool} has a size, the document says ?.`]);
    expect(change(tool, { licence: 'MIT' })).toEqual([`${tool} is licensed Apache-2.0, the document says MIT.`]);
    expect(change('left-pad', {})).toEqual(['left-pad is not in package.json any more.']);
    const viral = direct.map((each) => (each.name === 'pg' ? { ...each, licence: 'AGPL-3.0-only' } : each));
    expect(complaints(viral, documented())).toContain('pg: the licence AGPL-3.0-only is not one that is allowed.');
  });

  it('is pinned to one version, which is the locked one, in tools, too', async () => {
    for (const folder of ['.', ...(await script()).TOOL_FOLDERS]) {
      const { dependencies, devDependencies } = readJson(`${folder}/package.json`);
      const { packages } = readJson(`${folder}/package-lock.json`);
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
        expect([name, packages[`node_modules/${name}`].version]).toEqual([name, version]);
      }
    }
  });
});

describe('the lock file', () => {
  const tools = readdirSync(join(ROOT, 'tools')).map((name) => `tools/${name}/package-lock.json`);

  it('is there for each tool', () => expect(tools.length).toBeGreaterThan(1));

  it.each(['package-lock.json', ...tools])('%s holds a checksum and a registry for every package', (file) => {
    const packages = Object.entries(readJson(file).packages as Record<string, Locked>).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(10);
    for (const [path, { integrity, resolved }] of packages) {
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
      if (resolved !== undefined)
        expect([path, resolved]).toEqual([path, expect.stringMatching(/^https:\/\/registry\.npmjs\.org\//)]);
    }
  });

  it('lets no package run a script when it is installed, but node', () => {
    expect(readJson('package.json').allowScripts).toEqual({ node: true });
    const asking = Object.entries(readJson('package-lock.json').packages as Record<string, Locked>).filter(
      ([, { hasInstallScript }]) => hasInstallScript,
    );
    // fsevents is macOS's, and optional: it is not built.
    expect(asking.map(([path]) => path).filter((path) => !path.endsWith('/fsevents'))).toEqual(['node_modules/node']);
  });
});

describe('npm run sbom', () => {
  it('writes a valid CycloneDX document of every locked package, with licences that may be used, the same each time', async () => {
    const write = async () => {
      await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/sbom.mjs')], { cwd: ROOT });
      return readFileSync(join(ROOT, 'build/sbom.json'), 'utf8');
    };
    const text = await write();
    expect(await write()).toBe(text);
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"scope": "required"', '"scope": "desired"'))).not.toBeNull();

    const { components, metadata } = JSON.parse(text) as { components: Component[]; metadata: { component: Component } };
    expect(metadata.component).toMatchObject({ name: '@faafo/faafo', version: readJson('package.json').version });
    const locked = Object.keys(readJson('package-lock.json').packages).filter((path) => path !== '');
    const names = new Set(locked.map((path) => path.split('node_modules/').at(-1)));
    expect(new Set(components.map(({ name }) => name))).toEqual(names);
    for (const { name, licenses = [], scope, hashes = [] } of components) {
      const allowed = scope === 'required' ? SHIPPED : TOOLS;
      const texts = licenses.map(({ license, expression }) => (license?.id ?? expression ?? '').replace(/[()]/g, ''));
      const isFine = texts.some((text) =>
        text.split(' OR ').some((one) => one.split(' AND ').every((each) => allowed.includes(each))),
      );
      expect([name, texts, isFine, hashes.length]).toEqual([name, texts, true, 1]);
    }
    const scopeOf = (wanted: string) => components.find(({ name }) => name === wanted)?.scope;
    expect(['fastify', 'pino', 'preact', '@preact/signals-core', 'commander', 'ini'].map(scopeOf)).toEqual(
      Array(6).fill('required'),
    );
    expect(['vitest', 'vite', 'typescript', 'fast-check', 'node'].map(scopeOf)).toEqual(Array(5).fill('optional'));
  });

  it('knows every package that the web page is made of', async () => {
    const { IN_THE_PAGE } = (await import(join(ROOT, 'scripts/sbom.mjs'))) as { IN_THE_PAGE: string[] };
    const files = readdirSync(join(ROOT, 'web/src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(tsx?|css)$/.test(name),
    );
    const named = files.flatMap((file) => [
      ...readFileSync(join(ROOT, 'web/src', file), 'utf8').matchAll(/(?:from |import |url\()['"]([@a-z][^'"]*)['"]/g),
    ]);
    const packages = named.map((match) =>
      match[1]!
        .split('/')
        .slice(0, match[1]!.startsWith('@') ? 2 : 1)
        .join('/'),
    );
    expect(new Set(packages)).toEqual(new Set(IN_THE_PAGE));
  });
});
