import { join } from 'node:path';
import type { Spec } from '../../src/domain/spec.ts';
import type { Program } from './program.ts';

/*
 * FractalNow; writes PPM, uncompressed: there is no other format. It counts in doubles, as we do, with our escape radius and discrete colours
 * (its examples have smooth ones, which cost a logarithm a pixel; ours here have none). Its times show no shortcut for what stays inside.
 * Source: fractalnow(1); /usr/share/doc/fractalnow/configuration_file_syntax.txt.gz
 */

/** Every pixel computed. */
export const fractalnow = fractalnowWith('fractalnow', ['-i', '1']);
/** As it comes: quadrilaterals of up to 5 pixels whose corners are similar are interpolated. */
export const defaultFractalnow = fractalnowWith('fractalnow by default', []);

function fractalnowWith(name: string, flags: readonly string[]): Program {
  return {
    name,
    debianPackage: 'fractalnow',
    versionCommand: ['fractalnow', '-h'],
    drawing(spec, folder) {
      const input = { path: join(folder, 'view.config'), text: configOf(spec) };
      const output = join(folder, 'fractalnow.ppm');
      const size = ['-x', `${spec.width}`, '-y', `${spec.height}`];
      const command = ['fractalnow', '-q', '-j', '1', '-l', 'double', ...flags, '-c', input.path, ...size, '-o', output];
      return { input, command, output, inside: 0x000000, drawn: spec };
    },
  };
}

const ESCAPE_RADIUS = 2;
/** One byte a channel, black inside and nowhere else, colours by whole steps: the gradient of its example config01, a hundredth of it a step. */
const COLOURS = '1\n0x0\niterationcount discrete\nidentity\n0.01 0\n0 0xff 0.25 0xffffff 0.5 0xffff00 0.75 0xff0000 1 0xff\n';

/** Its points are the pixels' middles, ours reach from edge to edge: a window that is larger by half a pixel all round makes them the same. */
function configOf({ c, viewport: { xa, xb, ya, yb }, width, height, iterations }: Spec): string {
  const formula = c ? `julia\n${c.re} ${c.im}` : 'mandelbrot';
  const spans = [((xb - xa) * width) / (width - 1), ((yb - ya) * height) / (height - 1)];
  const window = [(xa + xb) / 2, (ya + yb) / 2, ...spans].join(' ');
  return `c075\n${formula}\n${window}\n${ESCAPE_RADIUS} ${iterations}\n${COLOURS}`;
}
