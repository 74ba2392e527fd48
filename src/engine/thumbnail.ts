import type { Spec } from '../domain/spec.ts';

const MAX_SIDE = 320;
const MAX_SAMPLES = 3;
/** A thumbnail may cost this share of its picture for being smooth. */
const MAX_COST_SHARE = 1 / 4;

/** The same view, at most 320 pixels wide and high, with as many samples as cost little beside the picture. */
export function thumbnailSpec(spec: Spec): Spec {
  const scale = Math.min(1, MAX_SIDE / Math.max(spec.width, spec.height));
  const width = Math.max(1, Math.round(spec.width * scale));
  const height = Math.max(1, Math.round(spec.height * scale));
  const share = (width * height) / (spec.width * spec.height * spec.samples ** 2);
  const affordable = Math.floor(Math.sqrt(MAX_COST_SHARE / share));
  return { ...spec, width, height, samples: Math.max(1, Math.min(MAX_SAMPLES, affordable)) };
}

/** @param png a whole file @returns a WebP, good enough to recognise the picture by */
export async function encodeThumbnail(png: Uint8Array): Promise<Uint8Array> {
  // Loaded with the first thumbnail: whatever draws none starts faster and smaller.
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  return await sharp(png).webp({ quality: 82, effort: 2 }).toBuffer();
}
