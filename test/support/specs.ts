import { planFractal } from '../../src/actions/plan-fractal.ts';
import { parseFractalId } from '../../src/domain/ids.ts';
import type { NewFractal } from '../../src/domain/repository.ts';
import { costOf, inUnits, type Spec } from '../../src/domain/spec.ts';

export function aSpec(override: Partial<Spec> = {}): Spec {
  return {
    formula: 'julia',
    viewport: { xa: -2, xb: 2, ya: -1.5, yb: 1.5 },
    width: 64,
    height: 48,
    iterations: 100,
    c: { re: -0.8, im: 0.156 },
    cSource: 'given',
    seed: null,
    palette: 'classic',
    power: 2,
    density: 1,
    offset: 0,
    shade: 0,
    interior: null,
    samples: 1,
    ...override,
  };
}

/** A fractal to order; `bands` cuts it into that many, one row each. */
export function aFractal({
  spec = aSpec(),
  bands = 1,
  engineVersion = 'e1',
  client = 'tester',
  owner = null,
}: {
  spec?: Spec;
  bands?: number;
  engineVersion?: string;
  client?: string;
  owner?: string | null;
} = {}): NewFractal {
  const id = parseFractalId(crypto.randomUUID());
  const whole = planFractal({ id, spec }, engineVersion);
  const cut = bands === 1 ? whole.cut : { bandRows: 1, bands, mirrored: false };
  const drawn = { ...spec, height: bands === 1 ? spec.height : bands };
  return { id, spec: drawn, ...whole, cut, storeKey: `${id}-0`, cost: inUnits(costOf(drawn)), client, owner };
}
