/*
 * Colours between sRGB, linear light and OKLab. What is computed here decides bytes of pictures, so it uses nothing but + - * / and
 * square roots, which are exact to the last bit on every machine; Math.cbrt and Math.pow are not.
 * Source: docs/references.md#oklab
 */

type Three = readonly [number, number, number];

const FULL = 65_535;

/** Linear light, 0..65,535, of an sRGB value, 0..255. */
export function linearOf(value: number): number {
  return Math.round(FULL * decode(value / 255));
}

/** sRGB, 0..255, of every linear light 0..65,535. */
export function srgbTable(): Uint8Array {
  const table = new Uint8Array(FULL + 1);
  for (let value = 1; value <= 255; value++) {
    // From here on the value is the nearest.
    table.fill(value, Math.ceil(FULL * decode((value - 0.5) / 255)));
  }
  return table;
}

/**
 * A closed curve through the stops, which are sRGB, at equal distances. A page that has just been opened waits for it, and nothing of it is compiled yet: so it makes
 * no objects on its way.
 * @returns `count` colours, at equal distances from the first stop on: red, green and blue, linear light, 0..65,535, and nothing
 */
export function mixedInOklab(stops: readonly Three[], count: number): Uint16Array<ArrayBuffer> {
  const table = new Uint16Array(4 * count);
  const colours = stops.map(oklabOf);
  const stop = (i: number) => colours[(i + colours.length) % colours.length]!;
  for (let i = 0; i < count; i++) {
    const at = (i / count) * stops.length;
    const first = Math.floor(at);
    const [p, q, r, s] = [stop(first - 1), stop(first), stop(first + 1), stop(first + 2)];
    const u = at - first;
    const lightness = catmullRom(p[0], q[0], r[0], s[0], u);
    putRgb(table, 4 * i, lightness, catmullRom(p[1], q[1], r[1], s[1], u), catmullRom(p[2], q[2], r[2], s[2], u));
  }
  return table;
}

/** A curve that passes from b to c as u goes from 0 to 1, smooth where it meets its neighbours. */
function catmullRom(a: number, b: number, c: number, d: number, u: number): number {
  return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
}

function oklabOf([red, green, blue]: Three): Three {
  const [r, g, b] = [decode(red / 255), decode(green / 255), decode(blue / 255)];
  const l = cubeRoot(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = cubeRoot(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = cubeRoot(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Puts a colour of OKLab into a table as linear light; what sRGB does not have becomes the nearest, part by part. */
function putRgb(table: Uint16Array, at: number, lightness: number, a: number, b: number): void {
  const l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const s = cube(lightness - 0.0894841775 * a - 1.291485548 * b);
  table[at] = fullOf(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  table[at + 1] = fullOf(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  table[at + 2] = fullOf(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
}

const fullOf = (part: number): number => Math.round(FULL * Math.min(1, Math.max(0, part)));

/** sRGB's transfer function, 0..1 to 0..1. x^2.4 is the twelfth power of the fifth root. */
function decode(value: number): number {
  if (value <= 0.04045) return value / 12.92;
  const root = fifthRoot((value + 0.055) / 1.055);
  return cube(root) * cube(root) * cube(root) * cube(root);
}

const cube = (x: number): number => x * x * x;

/** By Newton's method, from above. @param x 0..1 */
function cubeRoot(x: number): number {
  if (x === 0) return 0;
  let root = 1;
  for (let i = 0; i < 60; i++) root = (2 * root + x / (root * root)) / 3;
  return root;
}

/** @param x 0.05..1 */
function fifthRoot(x: number): number {
  let root = 1;
  for (let i = 0; i < 30; i++) root = (4 * root + x / (root * root * root * root)) / 5;
  return root;
}
