import { downloadZip } from 'client-zip';
import { type Fractal, pictureUrl } from '../api/client.ts';

/** PNGs are packed as they are: they have no air in them. @throws when one cannot be had */
export async function zipOf(fractals: readonly Fractal[], onStep: (count: number) => void): Promise<Blob> {
  async function* files() {
    for (const [i, fractal] of fractals.entries()) {
      onStep(i + 1);
      const input = await fetch(pictureUrl(fractal));
      if (!input.ok) throw new Error(`The picture of ${fractal.uuid} cannot be had: nothing was downloaded.`);
      yield { name: `${fractal.uuid}.png`, input, lastModified: new Date(fractal.finished_at ?? fractal.created_at) };
    }
  }
  return await downloadZip(files()).blob();
}
