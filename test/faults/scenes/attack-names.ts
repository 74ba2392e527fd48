import { lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFractalId } from '../../../src/domain/ids.ts';
import { anOrder, finished, order, send } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import type { Scene, Stage } from '../support/scene.ts';

/** Lies beside the store's folder. */
const CANARY = 'canary-4b1d-not-for-you';
const CANARY_FILE = 'canary.txt';
const SWEPT_MS = 90_000;

const UPS = ['..', '%2e%2e', '%2E%2E', '.%2e', '..%2f', '..%5c', '%252e%252e', '..%c0%af', '%uff0e%uff0e', '....//', '..;'];
const NAMES: readonly string[] = [
  ...UPS,
  ...UPS.flatMap((up) => [`${up}/${CANARY_FILE}`, `${up}/${up}/${CANARY_FILE}`, `${up}%2f${CANARY_FILE}`]),
  ...[1, 2, 3, 4, 8].map((depth) => `${'../'.repeat(depth)}etc/passwd`),
  ...[1, 2, 3, 4, 8].map((depth) => `${'%2e%2e%2f'.repeat(depth)}etc%2fpasswd`),
  '.',
  '%2e',
  '%00',
  'a%00b',
  '%00.png',
  '/',
  '//etc/passwd',
  '%2fetc%2fpasswd',
  'C:%5cWindows',
  '%0d%0aset-cookie:%20a=b',
  '%ff',
  '%',
  '%zz',
  '154c7b41-108e-4696-a059-1bde9bf03d0a%00',
  '154c7b41-108e-4696-a059-1bde9bf03d0a%2f..%2f..',
  '154c7b41-108e-4696-a059-1bde9bf03d0a.png',
  '154c7b41108e4696a0591bde9bf03d0a',
  '%EF%BC%91154c7b41-108e-4696-a059-1bde9bf03d0',
  'unfinished',
  'a'.repeat(10_000),
];
/** Where a name goes in; the page, too, whose files lie in a folder. */
const ROUTES: readonly (readonly [string, (name: string) => string])[] = [
  ['GET', (name) => `/v1/fractal/${name}`],
  ['DELETE', (name) => `/v1/fractal/${name}`],
  ['POST', (name) => `/v1/fractal/${name}/cancel`],
  ['POST', (name) => `/v1/fractal/${name}/retry`],
  ['GET', (name) => `/fractal/${name}`],
  ['HEAD', (name) => `/fractal/${name}`],
  ['GET', (name) => `/fractal/${name}/thumbnail`],
  ['GET', (name) => `/assets/${name}`],
  ['GET', (name) => `/docs/${name}`],
  ['GET', (name) => `/${name}`],
];
const HARMLESS = new Set([400, 403, 404, 405, 414, 422]);

async function sendNames({ farm, complain }: Stage): Promise<number> {
  const probes = ROUTES.flatMap(([method, path]) => NAMES.map((name) => [method, path(name)] as const));
  for (const [method, path] of probes) {
    const { status, text } = await sendRaw(farm.url(), requestText(method, path, {}));
    const about = `${method} ${path.slice(0, 120)}`;
    // A path that leads up to an existing one is that one.
    const isPage = status === 200 && ['/', '/./', '//', '/.', '/%2e'].includes(path);
    if (!HARMLESS.has(status) && !isPage) complain(`${about} was answered ${status}`);
    if (text.includes(CANARY) || text.includes('root:x:')) complain(`${about} gave a file away`);
    if (/^set-cookie:/im.test(text)) complain(`${about} set a header`);
  }
  return probes.length;
}

/** Uuids and ids in bodies, where a store's key might be made of them. */
async function sendIds({ farm, complain }: Stage): Promise<number> {
  const ids = [`../${CANARY_FILE}`, '..', '\0', 'a\0b', '/etc/passwd', '%2e%2e', '154c7b41-108e-4696-a059-1bde9bf03d0a/../..'];
  for (const id of ids) {
    const ordered = await send(`${farm.url()}/v1/fractal`, 'POST', { ...anOrder(), uuid: id });
    const claimed = await send(`${farm.url()}/v1/work/claim`, 'POST', { fractal: id, band: 0, host: 'a', engine_version: '1' });
    const statuses = [ordered.status, claimed.status];
    if (statuses.some((status) => status !== 422)) complain(`the id ${JSON.stringify(id)} was answered ${statuses}`);
  }
  return 2 * ids.length;
}

/** Stored objects are replaced by links to a file that lies outside: it is neither shown, nor written, nor removed. */
async function plantLinks({ farm, complain }: Stage): Promise<number> {
  const target = join(farm.folder, CANARY_FILE);
  const images = join(farm.folder, 'images');
  const { uuid, size } = await finished(farm.url(), (await order(farm.url())).uuid, 'done', 60_000);
  // As long as the picture, so that nobody is warned by its length.
  await writeFile(target, CANARY.repeat(size!).slice(0, size!));
  const { storeKey } = (await farm.repository.fractals.find(parseFractalId(uuid)))!;
  const folder = join(images, storeKey.slice(0, 2));
  const objects = (await readdir(folder)).filter((name) => name.startsWith(storeKey) && !name.endsWith('.band'));
  if (objects.length !== 2) throw new Error(`of ${uuid} the store has ${objects}`);
  for (const name of objects) {
    await rm(join(folder, name));
    await symlink(target, join(folder, name));
  }
  for (const [path, headers] of [
    [`/fractal/${uuid}`, { range: `bytes=0-${CANARY.length - 1}` }],
    [`/fractal/${uuid}`, {}],
    [`/fractal/${uuid}/thumbnail`, {}],
  ] as const) {
    const { status, text } = await sendRaw(farm.url(), requestText('GET', path, headers));
    if (text.includes(CANARY)) complain(`${path} gave the file behind a link away`);
    if (status < 300) complain(`${path} was answered ${status} though its object is a link`);
  }
  await send(`${farm.url()}/v1/fractal/${uuid}`, 'DELETE');
  const isGone = (name: string) =>
    lstat(join(folder, name)).then(
      () => false,
      () => true,
    );
  await until(async () => (await Promise.all(objects.map(isGone))).every(Boolean), SWEPT_MS).catch(() =>
    complain('the links were not swept'),
  );
  if (!(await readFile(target, 'latin1')).startsWith(CANARY)) complain('the file behind a link was changed');
  return objects.length;
}

export const scenes: readonly Scene[] = [
  {
    number: 34,
    name: 'ids such as ../ %2e%2e NUL, links in the store',
    farm: { store: 'files' },
    times: { short: 1, long: 3 },
    async play(stage) {
      await writeFile(join(stage.farm.folder, CANARY_FILE), CANARY);
      let injected = 0;
      for (let i = 0; i < stage.times; i++)
        injected += (await sendNames(stage)) + (await sendIds(stage)) + (await plantLinks(stage));
      return injected;
    },
  },
];
