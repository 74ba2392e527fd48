// npm run describe-dependencies: brings version, licence, date and size in docs/dependencies.md up to date with package.json and node_modules. What a package is for
// is written by hand. With --check it changes nothing, asks no registry, and ends with 1 when a line is missing, too many, or not up to date.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ROOT } from './install.mjs';

const DOCUMENT = `${ROOT}docs/dependencies.md`;
/** | package | version | licence | released | size | … */
const ROW = /^\| ([@\w./-]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| (.*)$/;
/** Compiled differently for each platform. */
const SIZE_TOLERANCE = 0.1;
/** What may be used without a lawyer: each lets everybody use, change and pass on, and asks no more than to be named. */
export const ALLOWED_LICENCES = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'OFL-1.1',
  'MIT OR Apache-2.0',
];
/** Tools that nothing of ours contains or ships, with a licence that asks for changed files of their own alone. */
const ALLOWED_TOOLS = new Map([['axe-core', 'MPL-2.0']]);

/** Folders of tools that few need, with a lock file of their own: what they ask for is not installed here. */
export const TOOL_FOLDERS = readdirSync(`${ROOT}tools`)
  .map((name) => `tools/${name}`)
  .filter((folder) => existsSync(`${ROOT}${folder}/package.json`));

/** @returns {{ name: string, version: string, licence: string, bytes: number | null }[]} what package.json asks for, as it is installed; and what those of tools do, as it is locked */
export function directDependencies() {
  const { dependencies, devDependencies } = readJson('package.json');
  const own = Object.entries({ ...dependencies, ...devDependencies }).map(([name, version]) => {
    const { license = '' } = readJson(`node_modules/${name}/package.json`);
    return { name, version, licence: String(license).replace(/^\((.*)\)$/, '$1'), bytes: sizeOf(`${ROOT}node_modules/${name}`) };
  });
  return [...own, ...TOOL_FOLDERS.flatMap(toolDependencies)];
}

function toolDependencies(folder) {
  const { dependencies, devDependencies } = readJson(`${folder}/package.json`);
  const { packages } = readJson(`${folder}/package-lock.json`);
  return Object.entries({ ...dependencies, ...devDependencies }).map(([name, version]) => ({
    ...{ name: `${folder}/${name}`, version, licence: packages[`node_modules/${name}`]?.license ?? '', bytes: null },
  }));
}

/** @returns {Map<string, { version: string, licence: string, released: string, size: string, rest: string }>} the lines of the document */
export function documented(text = readFileSync(DOCUMENT, 'utf8')) {
  const rows = text.split('\n').flatMap((line) => {
    const [, name, version, licence, released, size, rest] = ROW.exec(line) ?? [];
    return name && name !== 'package' ? [[name, { version, licence, released, size, rest }]] : [];
  });
  return new Map(rows);
}

/** @returns {string[]} what is wrong with the document; one sentence each */
export function complaints(direct = directDependencies(), rows = documented()) {
  const found = [];
  for (const { name, version, licence, bytes } of direct) {
    const row = rows.get(name);
    if (!row) {
      found.push(
        `${name} has no line: add | ${name} | ? | ? | ? | ? | what for | why not our own |, then npm run describe-dependencies.`,
      );
      continue;
    }
    if (row.version !== version) found.push(`${name} is ${version} in package.json, ${row.version} in the document.`);
    if (row.licence !== licence) found.push(`${name} is licensed ${licence}, the document says ${row.licence}.`);
    if (!ALLOWED_LICENCES.includes(licence) && ALLOWED_TOOLS.get(name) !== licence)
      found.push(`${name}: the licence ${licence} is not one that is allowed.`);
    const size = parseSize(row.size);
    if (bytes === null ? !(size > 0) : !(Math.abs(size - bytes) <= SIZE_TOLERANCE * bytes + 1024))
      found.push(`${name} has ${bytes === null ? 'a size' : formatSize(bytes)}, the document says ${row.size}.`);
    if (!/^\d{4}-\d\d-\d\d$/.test(row.released)) found.push(`${name} has no date of its release.`);
    if (!/\w/.test(row.rest.split('|')[0])) found.push(`${name}: nothing says what it is for.`);
  }
  const names = new Set(direct.map(({ name }) => name));
  return [
    ...found,
    ...[...rows.keys()].filter((name) => !names.has(name)).map((name) => `${name} is not in package.json any more.`),
  ];
}

function update() {
  const direct = new Map(directDependencies().map((each) => [each.name, each]));
  const lines = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .map((line) => {
      const [, name, version, , released, size, rest] = ROW.exec(line) ?? [];
      const is = direct.get(name);
      if (!is) return line;
      const isKnown = version === is.version && /\d/.test(released);
      const date = isKnown ? released : releaseOf(packageOf(name), is.version);
      const bytes = is.bytes ?? (isKnown ? null : packedSizeOf(packageOf(name), is.version));
      return `| ${name} | ${is.version} | ${is.licence} | ${date} | ${bytes === null ? size : formatSize(bytes)} | ${rest}`;
    });
  writeFileSync(DOCUMENT, lines.join('\n'));
}

/** What a line of a tool calls it, without the folder. */
const packageOf = (name) => name.replace(/^tools\/[^/]+\//, '');

/** Of what is not installed, as the registry has it. */
function packedSizeOf(name, version) {
  const { stdout } = spawnSync('npm', ['pack', `${name}@${version}`, '--dry-run', '--json'], { encoding: 'utf8' });
  return JSON.parse(stdout)[0].unpackedSize;
}

/** The day that the registry names; a mirror may name the day when it took the package over. */
function releaseOf(name, version) {
  const { stdout } = spawnSync('npm', ['view', name, 'time', '--json'], { encoding: 'utf8' });
  return JSON.parse(stdout)[version]?.slice(0, 10) ?? '?';
}

/** Without the packages inside it: those that npm puts there are of their own, and what node's install script leaves there npm takes away at the next install. */
function sizeOf(path) {
  const inner = `${path}/node_modules`;
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(inner))
    .reduce((sum, entry) => sum + statSync(`${entry.parentPath}/${entry.name}`).size, 0);
}

const formatSize = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function parseSize(text) {
  const [, value, unit] = /^([\d.]+) ([kM])B$/.exec(text) ?? [];
  return Number(value) * (unit === 'M' ? 1e6 : 1e3);
}

const readJson = (path) => JSON.parse(readFileSync(ROOT + path, 'utf8'));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!process.argv.includes('--check')) update();
  const wrong = complaints();
  for (const complaint of wrong) console.error(`docs/dependencies.md: ${complaint}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
