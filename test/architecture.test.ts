import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * What each folder may import, beside its own files. Adding a folder means editing this table, and ARCHITECTURE.md with it.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/domain': [],
  'src/actions': ['src/domain'],
  'src/kernel': ['src/domain'],
  'src/engine': ['src/domain', 'src/kernel'],
  'src/openstack': ['src/domain'],
  'src/queue': ['src/domain'],
  'src/repository': ['src/domain'],
  'src/store': ['src/domain'],
  'src/worker': ['src/domain'],
  'src/telemetry': ['src/domain'],
  'src/http': ['src/domain', 'src/actions'],
  'src/cli': [
    'src/domain',
    'src/actions',
    'src/kernel',
    'src/engine',
    'src/openstack',
    'src/queue',
    'src/repository',
    'src/store',
    'src/worker',
    'src/http',
    'src/telemetry',
  ],
  'web/src': ['src/domain', 'src/kernel'],
};

const ROOT = resolve(import.meta.dirname, '..');
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|import\s*\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const roomOf = (path: string): string | undefined => Object.keys(MAY_IMPORT).find((room) => path.startsWith(`${room}/`));

describe('the architecture', () => {
  it('gives every folder of src/ a room in the table', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).map((entry) => `src/${entry.name}`);
    expect(folders.filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });

  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`lets ${room} import ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}`, () => {
      const files = sources(room);
      expect(files.length).toBeGreaterThan(0);
      const strangers = files.flatMap((file) =>
        importsOf(file)
          .filter((name) => name.startsWith('.'))
          .map((name) => relative(ROOT, resolve(ROOT, file, '..', name)))
          .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target) ?? '?'))
          .map((target) => `${file} imports ${target}`),
      );
      expect(strangers).toEqual([]);
    });
  }

  it('keeps the domain free of packages and of node:', () => {
    const foreign = sources('src/domain').flatMap((file) => importsOf(file).filter((name) => !name.startsWith('.')));
    expect(foreign).toEqual([]);
  });

  for (const room of ['web/src', 'src/kernel']) {
    it(`keeps node: out of ${room}, which runs in a browser`, () => {
      const foreign = sources(room).flatMap((file) => importsOf(file).filter((name) => name.startsWith('node:')));
      expect(foreign).toEqual([]);
    });
  }
});
