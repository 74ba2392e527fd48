// npm run sbom: writes build/sbom.json, a CycloneDX list of every package in package-lock.json. It asks no registry, and is the same for the same lock file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { BUNDLED } from './bundle.mjs';
import { ROOT } from './install.mjs';

/** Packages for development whose code goes into the web page. */
export const IN_THE_PAGE = [
  'preact',
  '@preact/signals',
  'openapi-fetch',
  'openseadragon',
  'client-zip',
  '@picocss/pico',
  '@fontsource-variable/inter',
];

/** @returns {object} the bill of materials; a component's scope is `required` when it is shipped, else `optional` */
export function makeSbom() {
  const words = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const { stdout, stderr, status } = spawnSync('npm', words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const bom = JSON.parse(stdout);
  const { dependencies = {} } = readJson('package.json');
  const shipped = reachable(bom, [...Object.keys(dependencies), ...BUNDLED, ...IN_THE_PAGE]);
  const { timestamp: _, ...metadata } = bom.metadata;
  const { name } = readJson('package.json');
  return {
    ...bom,
    serialNumber: `urn:uuid:${uuidOf(readFileSync(`${ROOT}package-lock.json`))}`,
    metadata: { ...metadata, component: { ...metadata.component, name } },
    components: bom.components.map((component) => ({
      ...component,
      scope: shipped.has(component['bom-ref']) ? 'required' : 'optional',
      licenses: component.licenses?.map(asExpression),
    })),
  };
}

/** References of the packages with these names, at the top of node_modules, and of all that they need. */
function reachable({ components, dependencies, metadata }, names) {
  const needs = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const nameOf = new Map(components.map((component) => [component['bom-ref'], component.name]));
  const open = (needs.get(metadata.component['bom-ref']) ?? []).filter((ref) => names.includes(nameOf.get(ref)));
  const found = new Set();
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (found.has(ref)) continue;
    found.add(ref);
    open.push(...(needs.get(ref) ?? []));
  }
  return found;
}

/** npm writes "A OR B" where the name of one licence belongs. */
function asExpression(entry) {
  const { id, name } = entry.license ?? {};
  const text = id ?? name ?? '';
  return / (?:OR|AND) /.test(text) ? { expression: text.replace(/^\((.*)\)$/, '$1') } : entry;
}

function uuidOf(bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

const readJson = (path) => JSON.parse(readFileSync(ROOT + path, 'utf8'));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bom = makeSbom();
  mkdirSync(`${ROOT}build`, { recursive: true });
  writeFileSync(`${ROOT}build/sbom.json`, `${JSON.stringify(bom, null, 2)}\n`);
  const shipped = bom.components.filter(({ scope }) => scope === 'required').length;
  console.log(`build/sbom.json: ${bom.components.length} packages, ${shipped} of them shipped`);
}
