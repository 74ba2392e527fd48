import { type Fractal, pictureUrl } from '../api/client.ts';
import { formatBytes } from '../format.ts';

const QUALITY = 0.92;

/** @returns a sentence about it @throws when the picture cannot be had, or this browser writes no WebP */
export async function saveWebp(fractal: Fractal): Promise<string> {
  const response = await fetch(pictureUrl(fractal));
  if (!response.ok) throw new Error('The picture cannot be had now.');
  const bitmap = await createImageBitmap(await response.blob());
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d', { alpha: false })!.drawImage(bitmap, 0, 0);
  bitmap.close();
  const webp = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/webp', QUALITY));
  if (webp?.type !== 'image/webp') throw new Error('This browser writes no WebP.');
  const url = URL.createObjectURL(webp);
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: `${fractal.uuid}.webp` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return `${formatBytes(webp.size)} as WebP.`;
}
