import type { Engine } from '../../src/domain/engine.ts';
import type { Spec } from '../../src/domain/spec.ts';
import { drawPng } from '../../src/engine/draw-png.ts';
import { createPngFrame } from '../../src/engine/png.ts';

/** The whole PNG file. */
export function pngOf(engine: Engine, spec: Spec): Promise<Buffer> {
  return collect(drawPng(engine, createPngFrame(), spec));
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return Buffer.concat(all);
}
