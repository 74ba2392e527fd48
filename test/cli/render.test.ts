import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FAAFO = fileURLToPath(new URL('../../bin/faafo.js', import.meta.url));
const READ_PICTURE = new URL('../../src/cli/read-picture.ts', import.meta.url).href;
/** Far more than a minute of work. */
const HEAVY = ['--preset', 'deep-in-the-valley', '--width', '12000', '--samples', '4'];

describe('faafo render', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const at = (name: string): string => join(folder.path, name);
  const render = (...args: string[]) => promisify(execFile)(process.execPath, [FAAFO, 'render', ...args]);
  const refusal = async (...args: string[]) =>
    (await render(...args).catch((error) => error)) as { code: number; stderr: string };

  it('draws a picture that can be drawn again, and gives the same bytes', async () => {
    await render('--preset', 'galaxies', '--width', '300', '-o', at('a.png'));
    await render('--like', at('a.png'), '--threads', '1', '-o', at('b.png'));
    expect(readFileSync(at('b.png')).equals(readFileSync(at('a.png')))).toBe(true);
    await render('--like', at('a.png'), '--width', '60', '--palette', 'classic', '-o', at('c.png'));
    expect(await sharp(at('c.png')).metadata()).toMatchObject({ width: 60, height: 40 });
  });

  it('draws the whole of a formula by itself', async () => {
    await render('--formula', 'multibrot', '--power', '5', '--width', '80', '-o', at('d.png'));
    expect(await sharp(at('d.png')).metadata()).toMatchObject({ width: 80, height: 60 });
  });

  it('keeps what is there, and leaves nothing behind', async () => {
    await render('--width', '20', '-o', at('e.png'));
    expect(await refusal('--width', '20', '-o', at('e.png'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/add --force/),
    });
    await render('--width', '20', '-o', at('e.png'), '--force');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const child = spawn(process.execPath, [FAAFO, 'render', ...HEAVY, '-o', at('h.png')], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const files = (): string[] => readdirSync(folder.path).filter((name) => name.includes('h.png'));
    await expect.poll(files, { timeout: 20_000 }).toEqual([expect.stringMatching(/\.part$/)]);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(files()).toEqual([]);
  });

  it('writes the same picture to standard output', async () => {
    await render('--preset', 'surf', '--width', '50', '-o', at('i.png'));
    const { stdout } = await promisify(execFile)(process.execPath, [FAAFO, 'render', '--like', at('i.png'), '-o', '-'], {
      encoding: 'buffer',
    });
    expect(stdout.equals(readFileSync(at('i.png')))).toBe(true);
  });

  it('keeps centre and square pixels when both sides change, and what is given wins', async () => {
    const spec = async (...args: string[]) => {
      await render(...args, '-o', at('k.png'), '--force');
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--input-type=module',
        '--eval',
        `import { readPicture } from ${JSON.stringify(READ_PICTURE)}; console.log(JSON.stringify(await readPicture(process.argv[1])))`,
        at('k.png'),
      ]);
      return JSON.parse(stdout);
    };
    const window = ['--xa=-2', '--xb=1', '--ya=-1', '--yb=1'];
    await render('--formula', 'mandelbrot', ...window, '--width', '30', '--height', '20', '-o', at('j.png'));
    const like = ['--like', at('j.png')];
    expect(await spec(...like, '--height', '40')).toMatchObject({ width: 60, height: 40, xa: -2, xb: 1, ya: -1, yb: 1 });
    expect(await spec(...like, '--width', '40', '--height', '20')).toMatchObject({ xa: -2.5, xb: 1.5, ya: -1, yb: 1 });
    expect(await spec(...like, '--width', '30', '--height', '30')).toMatchObject({ xa: -2, xb: 1, ya: -1.5, yb: 1.5 });
    const coloured = [
      '--palette',
      'aurora',
      '--density',
      '2',
      '--offset',
      '0.5',
      '--interior',
      '#ABCDEF',
      '--shade',
      '0.4',
      '--samples',
      '2',
    ];
    const order = await spec(...like, ...coloured, '--formula', 'multibrot', '--power', '4', '--iterations', '70');
    expect(order).toMatchObject({
      formula: 'multibrot',
      power: 4,
      iterations: 70,
      palette: 'aurora',
      density: 2,
      offset: 0.5,
      shade: 0.4,
    });
    expect(order).toMatchObject({ interior: '#abcdef', samples: 2 });
    expect(await spec('--like', at('k.png'), '--formula', 'tricorn', '--palette', 'classic')).not.toHaveProperty('shade');
  });

  it('says what cannot be drawn or written, in the words of the API', async () => {
    const says = async (...args: string[]) => (await refusal(...args, '-o', at('l.png'))).stderr;
    expect(await says('--width', '70000')).toBe('faafo: width must be at most 65535.\n');
    expect(await says('--interior', 'red', '--palette', 'magma')).toBe('faafo: interior must be a colour like #1a2b3c.\n');
    expect(await says('--density', '2')).toMatch(/^faafo: density belongs to smooth palettes/);
    expect(await says('--preset', 'sun', '--like', at('a.png'))).toMatch(/--preset or --like, not both/);
    expect(await refusal('-o', at('missing/m.png'))).toMatchObject({
      code: 1,
      stderr: `faafo: ${at('missing/m.png')} cannot be written: no such file or directory.\n`,
    });
    expect(existsSync(at('l.png'))).toBe(false);
  });

  it('says what is wrong with a picture to start from', async () => {
    writeFileSync(at('text.png'), 'no picture');
    await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .png()
      .toFile(at('foreign.png'));
    await render('--width', '20', '-o', at('f.png'));
    const broken = readFileSync(at('f.png'));
    broken[60] = broken[60]! ^ 1;
    writeFileSync(at('broken.png'), broken);
    const like = async (name: string) => (await refusal('--like', at(name), '-o', at('g.png'))).stderr;
    expect(await like('missing.png')).toMatch(/there is no such file/);
    expect(await like('text.png')).toMatch(/no PNG file/);
    expect(await like('foreign.png')).toMatch(/does not say how it was drawn/);
    expect(await like('broken.png')).toMatch(/damaged/);
  });
});
