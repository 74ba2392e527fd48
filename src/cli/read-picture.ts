import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { PICTURE_TEXT_KEYWORD } from '../domain/picture-text.ts';
import type { OrderBody } from '../http/schemas.ts';
import { UsageError } from './usage-error.ts';

const SIGNATURE = '89504e470d0a1a0a';

/**
 * The order that a picture of ours says it was drawn from.
 * @throws {UsageError} with what is wrong with the file
 */
export async function readPicture(path: string): Promise<OrderBody> {
  const file = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`--like ${path}: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}.`, { cause });
  });
  const text = textOf(path, file);
  if (text === null) throw new UsageError(`--like ${path}: this PNG does not say how it was drawn; those that faafo draws do.`);
  try {
    // Loaded late: most pictures are drawn like no other.
    const { orderBody } = await import('../http/schemas.ts');
    return orderBody.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`--like ${path}: what this PNG says about itself is no order that this version knows.`, { cause });
  }
}

/** Our text chunk's content; null when there is none before the image data. Source: docs/references.md#png */
function textOf(path: string, png: Buffer): string | null {
  if (png.toString('hex', 0, 8) !== SIGNATURE) throw new UsageError(`--like ${path}: this is no PNG file.`);
  for (let at = 8; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > png.length || crc32(png.subarray(at + 4, end)) !== png.readUInt32BE(end)) {
      throw new UsageError(`--like ${path}: this PNG is damaged.`);
    }
    const type = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, end);
    const prefix = `${PICTURE_TEXT_KEYWORD}\0\0\0\0\0`;
    if (type === 'iTXt' && content.toString('latin1', 0, prefix.length) === prefix)
      return content.toString('utf8', prefix.length);
    if (type === 'IDAT') return null;
    at = end + 4;
  }
  return null;
}
