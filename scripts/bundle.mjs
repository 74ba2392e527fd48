import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** As deep as src/cli and src/engine, so that whatever they find beside them they find from here. */
const OUTPUT = 'dist/cli';
const PROGRAMS = ['cli/faafo', 'cli/faafo-api', 'cli/faafo-worker', 'cli/openstack', 'engine/thread'];
/** What the command line needs of others goes into its files: loading it piece by piece took longer than most commands. */
export const BUNDLED = ['commander', 'zod', 'csv-stringify', 'ini', 'yaml', '@bomb.sh/tab'];

/** What draws without threads lies in one file, which is found sooner than ten. */
const DRAWING = /[/]src[/](?:domain|kernel|engine[/](?!engine|thread|thumbnail|warm-up|plain)|actions[/]parse-order)/;

const NO_PROCESSES = '\0no-processes';
/** Commander starts commands that are programs of their own; ours are not, and loading Node's processes and sockets for them delayed every start. */
const isSubprogram = (id, importer) => id === 'node:child_process' && /[/]commander[/]/.test(importer ?? '');
const withoutSubprograms = {
  name: 'without-subprograms',
  resolveId: (id, importer) => (isSubprogram(id, importer) ? NO_PROCESSES : null),
  load: (id) => (id === NO_PROCESSES ? 'export default {};' : null),
};

/**
 * Node's own modules are taken as they are: as ECMAScript modules all their exports are evaluated, streams and ciphers that no command line needs.
 * Source: https://nodejs.org/docs/latest-v24.x/api/process.html#processgetbuiltinmoduleid
 */
const withPlainBuiltins = {
  name: 'with-plain-builtins',
  renderChunk: (code) => ({
    code: code.replace(/^import (?:([\w$]+)(?:, | ))?(?:\{([^}]*)\} )?from "(node:[^"]+)";$/gm, (_, whole, some, name) => {
      const builtin = `process.getBuiltinModule("${name}")`;
      const named = some ? `const {${some.replaceAll(' as ', ': ')}} = ${builtin};` : '';
      return (whole ? `const ${whole} = ${builtin}; ` : '') + named;
    }),
  }),
};

/** Writes dist/: the programs of src/, each in one file, with what they share in a few more, and the licences of what went into them. */
export async function bundlePrograms() {
  await rm(`${ROOT}dist`, { recursive: true, force: true });
  const isBundled = (id) => BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(PROGRAMS.map((path) => [path.split('/')[1], `src/${path}.ts`])),
    platform: 'node',
    plugins: [withoutSubprograms, withPlainBuiltins],
    external: (id, importer) => !(/^[./\0]/.test(id) || isBundled(id) || isSubprogram(id, importer)),
  });
  await bundle.write({
    dir: ROOT + OUTPUT,
    format: 'esm',
    codeSplitting: { groups: [{ name: 'drawing', test: DRAWING }] },
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  // For those who write programs against @faafo/faafo/openstack.
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  await writeFile(`${ROOT}dist/LICENSES.txt`, (await Promise.all(BUNDLED.map(licenceOf))).join('\n'));
}

async function licenceOf(name) {
  const folder = `${ROOT}node_modules/${name}`;
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const text = file ? await readFile(`${folder}/${file}`, 'utf8') : `(The package holds no text of its licence, ${license}.)\n`;
  return `== ${name} ${version}, ${license}\n\n${text}`;
}
