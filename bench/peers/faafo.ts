import { execFileSync } from 'node:child_process';
import { cp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Spec } from '../../src/domain/spec.ts';
import type { Program } from './program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where the package lies as npm installs it: a clone would strip types at every start. */
const INSTALLED = join(ROOT, 'build/bench/package');
const FAAFO: readonly string[] = [process.execPath, join(INSTALLED, 'bin/faafo.js')];

/** Bundles the package and puts it there. */
export async function installFaafo(): Promise<void> {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--package'], { stdio: 'inherit' });
  await rm(INSTALLED, { recursive: true, force: true });
  for (const part of ['bin', 'dist', 'build/kernel', 'package.json']) {
    await cp(join(ROOT, part), join(INSTALLED, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(INSTALLED, 'node_modules'));
}

/** `faafo render` of the package; writes PNG. Node's start is part of each picture; what Node compiled is kept by the warm run, as it is for users. */

export const faafo: Program = {
  name: 'faafo',
  debianPackage: null,
  versionCommand: [...FAAFO, '--version'],
  drawing(spec, folder) {
    const output = join(folder, 'faafo.png');
    const command = [...FAAFO, 'render', ...flagsOf(spec), '--output', output, '--force'];
    return { input: null, command, output, inside: null, drawn: spec }; // classic: the colour of a count, inside as well
  },
};

function flagsOf({ formula, c, viewport: { xa, xb, ya, yb }, width, height, iterations }: Spec): string[] {
  const numbers = { xa, xb, ya, yb, ...(c && { 'c-re': c.re, 'c-im': c.im }), width, height, iterations, threads: 1 };
  return ['--formula', formula, ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`])];
}
