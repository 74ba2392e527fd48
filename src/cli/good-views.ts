import type { OrderBody } from '../http/schemas.ts';

/** A picture worth seeing: centre and half the width of the window, in units of the complex plane. */
interface GoodView {
  readonly name: string;
  readonly formula: 'julia' | 'mandelbrot';
  readonly c?: readonly [re: number, im: number];
  readonly centre: readonly [re: number, im: number];
  readonly halfWidth: number;
  readonly iterations: number;
}

const julia = (name: string, re: number, im: number, halfWidth = 1.6, iterations = 257): GoodView => ({
  name,
  formula: 'julia',
  c: [re, im],
  centre: [0, 0],
  halfWidth,
  iterations,
});

const mandelbrot = (name: string, re: number, im: number, halfWidth: number, iterations: number): GoodView => ({
  name,
  formula: 'mandelbrot',
  centre: [re, im],
  halfWidth,
  iterations,
});

/*
 * Chosen by eye. Iterations are one more than a multiple of 32, so that the classic palette paints what never escapes black.
 */
export const GOOD_VIEWS: readonly GoodView[] = [
  julia('feathers', -0.8, 0.156),
  julia('Douady rabbit', -0.123, 0.745, 1.5),
  julia('dendrite', 0, 1, 1.6),
  julia('San Marco', -0.75, 0.05, 1.7),
  julia('galaxies', -0.7269, 0.1889, 0.45, 513),
  julia('snowflakes', -0.70176, -0.3842, 1.5),
  julia('spirals', 0.285, 0.01, 1.2),
  julia('dragon', -0.835, -0.2321, 1.6, 513),
  julia('lightning', -0.4, 0.6, 0.6),
  julia('seahorses', -0.74543, 0.11301, 0.5, 513),
  julia('corals', 0.355, 0.355, 1.3),
  julia('ivy', -0.1011, 0.9563, 1.4),
  mandelbrot('Mandelbrot set', -0.65, 0, 1.8, 257),
  mandelbrot('seahorse valley', -0.7453, 0.1127, 0.004, 1025),
  mandelbrot('elephant valley', 0.3005, 0.0205, 0.008, 1025),
  mandelbrot('deep in the valley', -0.7436438870371587, 0.131825904205312, 0.00003, 2017),
  mandelbrot('satellite', -1.7567, 0, 0.04, 513),
  mandelbrot('sun', -0.7766, -0.13665, 0.002, 1025),
  mandelbrot('scepter', -1.2567, 0.3803, 0.02, 513),
];

const SIZES = [
  [800, 600],
  [960, 640],
  [720, 720],
  [600, 800],
] as const;

type Order = Pick<OrderBody, 'width' | 'height' | 'iterations' | 'xa' | 'xb' | 'ya' | 'yb' | 'formula' | 'c_re' | 'c_im'>;

/** The view filling a picture of that size, its pixels square. */
export function orderOf(view: GoodView, [width, height]: readonly [number, number], halfWidth = view.halfWidth): Order {
  const [re, im] = view.centre;
  const halfHeight = (halfWidth * height) / width;
  return {
    formula: view.formula,
    width,
    height,
    iterations: view.iterations,
    xa: re - halfWidth,
    xb: re + halfWidth,
    ya: im - halfHeight,
    yb: im + halfHeight,
    ...(view.c && { c_re: view.c[0], c_im: view.c[1] }),
  };
}

/**
 * One of the good views with some variation: nearer or farther, c nudged, another size.
 * @param random gives doubles in [0, 1)
 */
export function drawView(random: () => number): Order & { readonly name: string } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const between = (low: number, high: number): number => low + random() * (high - low);
  const view = pick(GOOD_VIEWS);
  const nudge = (): number => between(-0.002, 0.002);
  const varied = view.c ? { ...view, c: [view.c[0] + nudge(), view.c[1] + nudge()] as const } : view;
  return { name: view.name, ...orderOf(varied, pick(SIZES), view.halfWidth * between(0.7, 1.1)) };
}
