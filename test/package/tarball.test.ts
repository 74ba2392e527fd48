import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

describe('the published package', () => {
  it('installs from its tarball into an empty prefix, where there is only Node 24, and draws', async () => {
    await using home = await temporaryFolder();
    const path = (...names: string[]) => join(home.path, ...names);
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home.path], { cwd: ROOT });
    const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
    expect(files.map((file: { path: string }) => file.path)).toEqual(
      expect.arrayContaining([
        'build/kernel/quadratic.wasm',
        'dist/LICENSES.txt',
        'dist/types/cli/openstack.d.ts',
        'build/web/index.html',
        'LICENSE',
        'README.md',
      ]),
    );
    expect(files.filter((file: { path: string }) => /^(src|test|kernel|scripts|data)\//.test(file.path))).toEqual([]);

    await run('npm', ['install', '--global', '--prefix', path('prefix'), '--no-audit', '--no-fund', path(filename)], {
      cwd: home.path,
    });
    // A PATH with nothing but Node 24 and the shell's own tools.
    await mkdir(path('bin'));
    await symlink(process.execPath, path('bin', 'node'));
    const env = { PATH: `${path('bin')}:/usr/bin:/bin`, HOME: home.path };
    const faafo = (...args: string[]) => run(path('prefix', 'bin', 'faafo'), args, { env, cwd: home.path });
    expect((await faafo('--version')).stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version);

    // What programs of others import; userData finds install.sh beside it.
    const program = `import { openProject, userData } from '@faafo/faafo/openstack';
      console.log(typeof openProject, userData({ name: 'h', install: ['faafo'], run: ['api'], source: '@faafo/faafo' }).length > 10_000);`;
    const inPrefix = { env, cwd: path('prefix', 'lib') };
    expect((await run('node', ['--input-type=module', '--eval', program], inPrefix)).stdout).toBe('function true\n');

    await using api = await startApi({ dataDir: path('data'), program: path('prefix', 'bin', 'faafo-api'), env });
    const client = ['--endpoint-url', api.url];
    const created = await faafo(...client, 'create', '--width', '300', '--height', '256', '--tasks', '1', '--wait', '-f', 'json');
    const [{ uuid }] = JSON.parse(created.stdout);
    await faafo(...client, 'get', uuid, '-o', path('picture.png'));
    expect(await sharp(path('picture.png')).metadata()).toMatchObject({ format: 'png', width: 300, height: 256 });
    // The bundle has a zod of its own beside that of the server's packages.
    const described = await (await fetch(`${api.url}/openapi.json`)).json();
    expect(described).toEqual(JSON.parse(await readFile(join(ROOT, 'docs/openapi.json'), 'utf8')));
    expect((await fetch(`${api.url}/v1/fractal?page=0`)).status).toBe(422);
    expect((await fetch(api.url)).headers.get('content-type')).toMatch(/text\/html/);
    expect(await api.stop()).toBe(0);
  }, 180_000);
});
