import { isSmooth } from '../../../src/domain/palettes.ts';
import { type Preset, windowOf } from '../../../src/domain/presets.ts';
import type { Spec } from '../../../src/domain/spec.ts';

/** A preset as the kernel draws it in such a size. */
export function specOfPreset(preset: Preset, size: Pick<Spec, 'width' | 'height' | 'samples'>): Spec {
  const { formula, power = 2, c = null, iterations, palette, density = 1, offset = 0, shade = 0 } = preset;
  const colours = isSmooth(palette)
    ? { density, offset, interior: '#000000', shade }
    : { density: 1, offset: 0, interior: null, shade: 0 };
  return {
    ...size,
    ...colours,
    formula,
    power,
    c,
    cSource: c && 'given',
    seed: null,
    iterations,
    palette,
    viewport: windowOf(preset, size.width, size.height),
  };
}
