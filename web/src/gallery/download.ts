import { type Fractal, pictureUrl } from '../api/client.ts';
import { formatBytes, formatCount } from '../format.ts';

/** A ZIP lies in the browser's hands until it is whole: more is given file by file. */
const LARGEST_ZIP = 2 ** 30;
/** Browsers take fewer for a mistake. */
const BETWEEN_MS = 400;

/**
 * One as a file, several as a ZIP that the browser makes, very many bytes as one file after the other.
 * @param say is told how far it is
 * @returns a sentence about how it went @throws when a picture cannot be had
 */
export async function download(fractals: readonly Fractal[], say: (text: string) => void): Promise<string> {
  const bytes = fractals.reduce((sum, { size }) => sum + (size ?? 0), 0);
  if (fractals.length > 1 && bytes <= LARGEST_ZIP) {
    const { zipOf } = await import('./zip.ts');
    const zip = await zipOf(fractals, (count) => say(`Packing ${formatCount(count)} of ${formatCount(fractals.length)}`));
    const url = URL.createObjectURL(zip);
    save(url, `faafo-${fractals.length}-pictures.zip`);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return `${formatCount(fractals.length)} pictures, ${formatBytes(zip.size)}.`;
  }
  for (const [i, fractal] of fractals.entries()) {
    say(`Downloading ${formatCount(i + 1)} of ${formatCount(fractals.length)}`);
    save(pictureUrl(fractal), `${fractal.uuid}.png`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  return fractals.length === 1
    ? 'Downloading.'
    : `${formatBytes(bytes)} are too much for one ZIP: they come one after the other.`;
}

function save(url: string, name: string): void {
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: name });
  link.click();
}
