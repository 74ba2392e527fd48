import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FAAFO = fileURLToPath(new URL('../../bin/faafo.js', import.meta.url));

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
