import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/domain/presets.ts';
import { type Ran, runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';

let folder: string;
let api: RunningApi;
const faafo = (...words: string[]): Promise<Ran> => runFaafo(api.url, words, { cwd: folder });
const done = async (...words: string[]): Promise<string> => {
  const ran = await faafo(...words);
  expect(ran).toMatchObject({ status: 0 });
  return ran.stdout;
};
const SMALL = ['--width', '40', '--height', '30', '--iterations', '64'];
/** Takes a minute or so on one core, and no shortcut applies: it is cancelled or deleted long before. */
const LONG = [
  '--width',
  '20000',
  '--height',
  '20000',
  '--iterations',
  '20000',
  '--formula',
  'mandelbrot',
  '--xa',
  '-0.7454',
  '--xb',
  '-0.7452',
];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faafo-cli-'));
  api = await startApi({ dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await api.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('faafo', () => {
  it('creates 1 to 10 random fractals and logs it as documented', async () => {
    const { status, stdout, stderr } = await faafo('--verbose', 'create', '--max-width', '300', '--max-height', '300');
    expect(status).toBe(0);
    const uuids = stdout.trim().split('\n');
    expect(uuids.filter((uuid) => !UUID.test(uuid))).toEqual([]);
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ INFO faafo\.client \[-\] generating \d+ task\(s\)\n$/);
    expect(stderr).toContain(`generating ${uuids.length} task(s)`);
  });

  it('creates, waits, shows, gets and deletes one', async () => {
    const ordered = await faafo('create', ...SMALL, '--tasks', '1', '--c-re', '-0.8', '--c-im', '0.156', '--wait');
    const uuid = ordered.stdout.trim();
    expect(ordered).toEqual({ status: 0, stdout: `${uuid}\n`, stderr: `${uuid} done (1 of 1)\n` });

    const shown = JSON.parse(await done('show', uuid, '-f', 'json'));
    expect(shown).toMatchObject({ uuid, dimensions: '40 x 30', state: 'done', c: '-0.8+0.156i', generated_by: hostname() });
    expect(await done('show', uuid.slice(0, 13))).toContain(`| checksum     | ${shown.checksum} |`);

    expect(await done('get', uuid.slice(0, 20).toUpperCase())).toBe('');
    const picture = readFileSync(join(folder, `${uuid}.png`));
    expect(createHash('sha256').update(picture).digest('hex')).toBe(shown.checksum);
    writeFileSync(join(folder, 'older.png'), 'older');
    await done('get', uuid, '-o', 'older.png');
    expect(readFileSync(join(folder, 'older.png'))).toEqual(picture);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);

    expect(await faafo('delete', uuid)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await faafo('show', uuid)).toMatchObject({ status: 1, stderr: expect.stringMatching(/^faafo: .*\n$/) });
  });

  it('prints uuids as json, and orders the same uuid only once', async () => {
    const uuid = crypto.randomUUID();
    const words = ['create', ...SMALL, '--xa', '-2', '--xb', '2', '--ya', '-1', '--yb', '1', '--uuid', uuid, '-f', 'json'];
    expect(JSON.parse(await done(...words))).toEqual([{ uuid }]);
    expect(JSON.parse(await done(...words))).toEqual([{ uuid }]);
    expect(await faafo(...words, '--xa', '-3')).toMatchObject({ status: 1, stderr: expect.stringContaining('another uuid') });
  });

  it('orders presets and pictures like others, and gives the bytes that render gives', async () => {
    const preset = ['--preset', 'quintic-pearls', '--width', '60'];
    await done('render', ...preset, '-o', 'rendered.png');
    const rendered = readFileSync(join(folder, 'rendered.png'));
    for (const basis of [preset, ['--like', 'rendered.png']]) {
      const uuid = (await done('create', ...basis, '--wait')).trim();
      await done('get', uuid, '-o', 'got.png');
      expect(readFileSync(join(folder, 'got.png')).equals(rendered)).toBe(true);
    }
    const words = [
      '--tasks',
      '2',
      '--palette',
      'magma',
      '--density',
      '0.5',
      '--interior',
      '#123456',
      '--shade',
      '0.25',
      '--formula',
      'burning-ship',
    ];
    const uuids = (await done('create', '--like', 'rendered.png', ...words)).trim().split('\n');
    expect(uuids).toHaveLength(2);
    const shown = JSON.parse(await done('show', uuids[0]!, '-f', 'json'));
    expect(shown).toMatchObject({ dimensions: '60 x 40', formula: 'burning-ship', power: 2, palette: 'magma', c: '0.5+0.65i' });
    expect(shown).toMatchObject({ density: 0.5, offset: 0, interior: '#123456', shade: 0.25, samples: 1 });
    expect(Object.keys(shown).slice(0, 14).join()).toBe(
      'uuid,duration,dimensions,iterations,xa,xb,ya,yb,size,checksum,generated_by,c,state,progress',
    );
  });

  it('lists presets', async () => {
    const presets = JSON.parse(await done('presets', '-f', 'json')) as Record<string, unknown>[];
    expect(presets).toEqual(
      PRESETS.map(({ name, title, iterations, palette }) =>
        expect.objectContaining({ Name: name, Title: title, Iterations: iterations, Palette: palette }),
      ),
    );
  });

  it('completes the names of presets, formulas and palettes', async () => {
    const complete = async (...words: string[]) =>
      (await done('complete', '--', ...words)).replaceAll(/\t.*|^:.*\n/gm, '').trim();
    expect(await complete('render', '--preset', 'tr')).toBe('tricorn\ntricorn-star');
    expect(await complete('create', '--formula', 'm')).toBe('mandelbrot\nmultibrot');
    expect(await complete('create', '--palette', 'v')).toBe('viridis');
  });

  it('lists newest first, over more than one page', async () => {
    const uuids = (await done('create', ...SMALL, '--tasks', '105')).trim().split('\n');
    const listed = (await done('list', '-f', 'value', '-c', 'uuid')).trim().split('\n');
    expect(new Set(listed.slice(0, 105))).toEqual(new Set(uuids));
    expect((await done('list', '--limit', '101', '-f', 'value', '-c', 'uuid')).trim().split('\n')).toEqual(listed.slice(0, 101));
  });

  it('refuses an ambiguous beginning and names what it may mean', async () => {
    const first = crypto.randomUUID();
    const second = `${first.slice(0, 35)}${first.endsWith('0') ? '1' : '0'}`;
    for (const uuid of [first, second]) await done('create', ...SMALL, '--uuid', uuid);
    const { status, stderr } = await faafo('delete', first.slice(0, 30));
    expect(status).toBe(1);
    expect(stderr).toContain(first);
    expect(stderr).toContain(second);
    await done('delete', first, second, first);
  });

  it('cancels, and tells whoever waits for the picture', async () => {
    const uuid = (await done('create', ...LONG, '--tasks', '1')).trim();
    expect(await faafo('get', uuid)).toMatchObject({ status: 1, stderr: expect.stringMatching(/not drawn yet \(.*--wait/) });
    const waiting = faafo('get', uuid, '--wait');
    const interrupted = await runFaafo(api.url, ['get', uuid, '--wait'], { cwd: folder, killAfterMs: 5000 });
    expect(interrupted).toEqual({ status: 130, stdout: '', stderr: '' });
    await done('cancel', uuid);
    expect(await waiting).toMatchObject({ status: 1, stderr: expect.stringContaining(`not drawn: ${uuid} (cancelled)`) });
    await done('cancel', uuid);
    await done('delete', uuid);
  });

  it('watches', async () => {
    const eventsIn = (stdout: string): { uuid: string; type: string }[] =>
      stdout
        .slice(0, stdout.lastIndexOf('\n') + 1)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const seenFromOrderToEnd = (stdout: string) => {
      const events = eventsIn(stdout);
      return events.find(
        ({ uuid, type }) => type === 'done' && events.some((one) => one.uuid === uuid && one.type === 'ordered'),
      );
    };
    let isWatching = true;
    const watching = runFaafo(api.url, ['watch', '-f', 'json'], {
      interruptWhen: (out) => seenFromOrderToEnd(out) !== undefined,
    });
    void watching.finally(() => {
      isWatching = false;
    });
    const ordered: string[] = [];
    // Nobody is told when it has begun to watch.
    while (isWatching) ordered.push((await done('create', ...SMALL, '--tasks', '1', '--wait')).trim());
    const { status, stdout } = await watching;
    expect(status).toBe(130);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(ordered).toContain(seenFromOrderToEnd(stdout)?.uuid);
  });

  it('demonstrates', async () => {
    const stdout = await done('demo', '--count', '2', '--interval', '0');
    expect(stdout).toMatch(/^[0-9a-f-]{36} \w.*\n[0-9a-f-]{36} \w.*\n$/);
  });
});

describe('exit statuses', () => {
  const cases: [number, string[], RegExp][] = [
    [1, ['show', '00000000-0000-4000-8000-000000000000'], /./],
    [1, ['create', '--tasks', '3', '--xa', '1', '--xb', '1'], /window is empty/],
    [1, ['create', '--tasks', '1', '--width', '70000'], /width must be at most 65535/],
    [1, ['delete', '00000000-0000-4000-8000-000000000000', '--yes'], /./],
    [2, ['creat'], /unknown command 'creat'.*create/],
    [2, ['create', '--widht', '3'], /unknown option '--widht'.*--min-width|--width/],
    [2, ['create', '--tasks', '0'], /whole number from 1/],
    [2, ['create', '--uuid', '154c7b41-108e-4696-a059-1bde9bf03d0a', '--tasks', '2'], /--uuid names one fractal/],
    [2, ['show', 'nonsense'], /is no uuid/],
    [2, ['list', '-f', 'xml'], /Allowed choices are table, json, yaml, csv, value/],
    [2, ['list', '--endpoint-url', 'nowhere'], /--endpoint-url: must be/],
    [3, ['list', '--endpoint-url', 'http://127.0.0.1:9'], /cannot be reached/],
    [3, ['--endpoint-url', 'http://faafo.invalid', 'create'], /cannot be reached/],
  ];
  for (const [status, words, message] of cases) {
    it(`${status}: faafo ${words.join(' ')}`, async () => {
      const ran = await faafo(...words);
      expect(ran).toMatchObject({ status, stdout: '' });
      expect(ran.stderr).toMatch(/^faafo: [^\n]+\n$/);
      expect(ran.stderr).toMatch(message);
    });
  }

  it('0: help and version', async () => {
    expect(await done('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await done('create', '--help')).toContain('--min-iterations');
  });

  it('a reader that has seen enough is no error', async () => {
    const { spawnSync } = await import('node:child_process');
    const program = join(import.meta.dirname, '../../bin/faafo.js');
    const line = `set -o pipefail; "${process.execPath}" "${program}" create --help | head -1`;
    const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('sends through an outage of the API without losing or doubling an order', async () => {
  const data = join(folder, 'outage');
  const first = await startApi({ dataDir: data });
  const port = Number(new URL(first.url).port);
  const someOrdered = Promise.withResolvers<void>();
  const creating = runFaafo(first.url, ['create', ...SMALL, '--tasks', '400'], { onOutput: () => someOrdered.resolve() });
  await someOrdered.promise;
  await first.kill();
  await using second = await startApi({ dataDir: data, port });
  const { status, stdout } = await creating;
  expect(status).toBe(0);
  const listed = await runFaafo(second.url, ['list', '-f', 'value', '-c', 'uuid']);
  expect(listed.stdout.trim().split('\n').sort()).toEqual(stdout.trim().split('\n').sort());
  expect(new Set(stdout.trim().split('\n')).size).toBe(400);
});
