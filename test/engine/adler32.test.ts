import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Spec } from '../../src/domain/spec.ts';
import { adler32Combine } from '../../src/engine/adler32.ts';
import { loadKernel } from '../../src/engine/load-kernel.ts';
import { type Kernel, openKernel } from '../../src/kernel/kernel.ts';
import { anySpec } from './any-spec.ts';
import { VIEWS } from './views.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = openKernel(await loadKernel());
});

/** What zlib itself puts at the end of its stream. */
function adlerOf(bytes: Uint8Array): number {
  return deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4);
}

describe('Adler-32', () => {
  it('of two pieces together comes from those of each', () => {
    const bytes = fc.uint8Array({ maxLength: 9000, size: 'max' });
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        const whole = adlerOf(Buffer.concat([first, second]));
        expect(adler32Combine(adlerOf(first), adlerOf(second), second.length)).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('combines sums at their limits and lengths beyond the base', () => {
    const first = new Uint8Array(70_000).fill(255);
    const second = new Uint8Array(200_001).fill(254);
    const whole = adlerOf(Buffer.concat([first, second]));
    expect(adler32Combine(adlerOf(first), adlerOf(second), second.length)).toBe(whole);
  });

  it('of painted rows is what zlib says', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        kernel.paint(spec, { rows: { firstRow: 0, lastRow: spec.height }, mirror: null });
        const { filtered, adler } = kernel.filter({ first: 0, count: spec.height });
        expect(adler).toBe(adlerOf(filtered));
      }),
      { numRuns: 500 },
    );
    const smooth: Spec = { ...VIEWS.J1(500), palette: 'ember', interior: '#000000' };
    for (const spec of [VIEWS.J1(512), { ...VIEWS.M1(65_535), height: 1 }, smooth]) {
      kernel.paint(spec, { rows: { firstRow: 0, lastRow: spec.height }, mirror: null });
      const { filtered, adler } = kernel.filter({ first: 0, count: spec.height });
      expect(adler).toBe(adlerOf(filtered));
    }
  });
});
