/*
 * What the modules of the kernel export; kernel/picture.ts and kernel/entry.ts say what each does.
 */

export interface PictureExports {
  readonly [address: string]: unknown;
  setGrid(x: number, y: number, width: number, height: number): void;
  sample(
    ...args: [
      width: number,
      height: number,
      firstRow: number,
      lastRow: number,
      mirrorFirst: number,
      mirrorLast: number,
      kind: number,
      xa: number,
      xb: number,
      ya: number,
      yb: number,
      shiftX: number,
      shiftY: number,
    ]
  ): number;
  copyImages(withSquares: number, withLights: number): void;
  setColours(iterations: number, extra: number, logOfPower: number, density: number, offset: number): void;
  paintSmooth(pixels: number, interior: number): void;
  clearSums(pixels: number): void;
  addSmooth(pixels: number, red: number, green: number, blue: number, shade: number): void;
  addClassic(pixels: number): void;
  resolveSums(pixels: number, samples: number): void;
  paintClassic(firstPixel: number, width: number, rows: number, iterations: number): number;
  filterColours(firstPixel: number, width: number, rows: number): number;
  deflate(length: number): number;
}

export interface FormulaExports {
  start(
    ...args: [
      width: number,
      firstRows: number,
      rows: number,
      openColumns: number,
      iterations: number,
      cRe: number,
      cIm: number,
      extra: number,
      shortcuts: number,
    ]
  ): void;
  count(units: number): number;
  countSmooth(units: number): number;
  countJulia(units: number): number;
  countJuliaSmooth(units: number): number;
  countFarJulia(units: number): number;
  countFarJuliaSmooth(units: number): number;
  startLights(
    ...args: [
      width: number,
      firstRows: number,
      rows: number,
      openColumns: number,
      iterations: number,
      extra: number,
      julia: number,
      cRe: number,
      cIm: number,
      distance: number,
    ]
  ): void;
  light(units: number): number;
}
