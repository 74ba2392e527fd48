import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Spec } from '../../src/domain/spec.ts';
import type { Program } from './program.ts';

/** `faafo render` of this clone; writes PNG. Node's start, and here that it strips the types of src/, are part of each picture. */
const FAAFO: readonly string[] = [process.execPath, fileURLToPath(new URL('../../bin/faafo.js', import.meta.url))];

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
