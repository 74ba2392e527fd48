import type { Viewport } from './spec.ts';

/**
 * Sign changes under which an escape count keeps every bit. The first letter pair says what the picture of the formula itself
 * has, the second what its Julia sets have:
 *   turn    (x, y) and (-x, -y) count the same
 *   mirror  (x, y) and (x, -y) count the same
 *   flip    (x, y) and (-x, y) count the same
 */
export type Symmetry = 'turn' | 'mirror' | 'flip';

interface FormulaFacts {
  /** what is done to z, over and over */
  readonly iteration: string;
  /** its file in kernel/formulas/ */
  readonly kernel: string;
  /** the window that shows all of it: 4:3 */
  readonly viewport: Viewport;
  /** of the picture whose c is the pixel, for a power */
  readonly symmetries: (power: number) => readonly Symmetry[];
  /** of its Julia sets */
  readonly juliaSymmetries: (power: number) => readonly Symmetry[];
  /** points known to stay without being followed; cycle detection is every formula's */
  readonly shortcuts: 'cardioid and disc' | null;
  /** `always`: c is drawn when it is not given; `given`: with c it is a Julia set, without it c is the pixel */
  readonly julia: 'always' | 'given';
  /** whether `power` may be chosen; all others have 2 */
  readonly powers: boolean;
}

const ABOUT_ORIGIN: Viewport = { xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
const even = (power: number): boolean => power % 2 === 0;

/**
 * All formulas, a line each; the steps themselves are in kernel/formulas/. CONTRIBUTING.md says how to add one.
 * Source: docs/references.md#formulas
 */
export const FORMULA_TABLE = {
  julia: {
    iteration: 'z² + c',
    kernel: 'quadratic',
    viewport: ABOUT_ORIGIN,
    symmetries: () => [],
    juliaSymmetries: () => ['turn'],
    shortcuts: null,
    julia: 'always',
    powers: false,
  },
  mandelbrot: {
    iteration: 'z² + c',
    kernel: 'quadratic',
    viewport: { xa: -2.4, xb: 1.2, ya: -1.35, yb: 1.35 },
    symmetries: () => ['mirror'],
    juliaSymmetries: () => ['turn'],
    shortcuts: 'cardioid and disc',
    julia: 'given',
    powers: false,
  },
  multibrot: {
    iteration: 'z to the power + c',
    kernel: 'multibrot',
    viewport: ABOUT_ORIGIN,
    symmetries: (power) => (even(power) ? ['mirror'] : ['mirror', 'turn', 'flip']),
    juliaSymmetries: (power) => (even(power) ? ['turn'] : []),
    shortcuts: null,
    julia: 'given',
    powers: true,
  },
  'burning-ship': {
    iteration: '(|Re z| + i |Im z|)² + c',
    kernel: 'burning-ship',
    viewport: { xa: -2.6, xb: 1.6, ya: -2.15, yb: 1 },
    symmetries: () => [],
    juliaSymmetries: () => ['turn', 'mirror', 'flip'],
    shortcuts: null,
    julia: 'given',
    powers: false,
  },
  tricorn: {
    iteration: 'conjugate(z)² + c',
    kernel: 'tricorn',
    viewport: { xa: -2.4, xb: 1.6, ya: -1.5, yb: 1.5 },
    symmetries: () => ['mirror'],
    juliaSymmetries: () => ['turn'],
    shortcuts: null,
    julia: 'given',
    powers: false,
  },
} as const satisfies Record<string, FormulaFacts>;

export type Formula = keyof typeof FORMULA_TABLE;
export const FORMULAS = Object.keys(FORMULA_TABLE) as [Formula, ...Formula[]];

export const formulaFacts = (formula: Formula): FormulaFacts => FORMULA_TABLE[formula];
