import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import type { Assignment } from '../../../src/domain/dispatcher.ts';
import { createPngFrame } from '../../../src/engine/png.ts';

/** What a worker delivers: the band, behind it the thumbnail, and the words that describe both. */
export interface Result {
  readonly bytes: Uint8Array;
  readonly thumbnail: Uint8Array;
  readonly words: Record<string, string>;
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const HTML = '<!doctype html><script>alert(1)</script>';
const GIF = 'GIF89a\u0001\u0000\u0001\u0000';

/** Results that look like something, and are not what the engine drew. Their SHA-256 is right, but where that is the forgery. */
export async function forgeries({ spec }: Assignment, genuine: Result): Promise<{ name: string; forged: Result }[]> {
  const frame = createPngFrame();
  const head = frame.head(spec);
  const png = Buffer.concat([head, genuine.bytes, frame.tail(spec, [])]);
  const band = Buffer.from(genuine.bytes);
  const flipped = Buffer.from(band);
  flipped[Math.floor(band.length / 2)]! ^= 1;
  const bands: [string, Uint8Array][] = [
    ['a whole PNG file', png],
    ['the beginning of a PNG file', head],
    ['SVG', Buffer.from(SVG)],
    ['HTML', Buffer.from(HTML)],
    ['a GIF', Buffer.from(GIF, 'latin1')],
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600', 'hex')],
    ['one byte', Buffer.of(0)],
    ['a flipped bit', flipped],
    ['a band cut off', band.subarray(0, -1)],
    ['a band with a byte before it', Buffer.concat([Buffer.of(0), band])],
    ['a band with HTML behind it', Buffer.concat([band, Buffer.from(HTML)])],
    ['a band with a chunk of text behind it', Buffer.concat([band, chunk('tEXt', `Comment\0${HTML}`)])],
    ['a chunk of text', chunk('tEXt', `Comment\0${HTML}`)],
    ['the end of a PNG file', chunk('IEND', '')],
    ['zeros', Buffer.alloc(100_000)],
    ['deflated zeros', deflateRawSync(Buffer.alloc(10_000_000))],
  ];
  const { thumbnail, words } = genuine;
  return [
    ...bands.map(([name, bytes]) => ({ name, forged: described({ bytes, thumbnail, words }) })),
    ...falseWords(genuine),
    ...(thumbnail.length > 0 ? falseThumbnails(genuine) : []),
  ];
}

/** A true band with words that are not true of it. */
function falseWords({ bytes, thumbnail, words }: Result) {
  const having = (name: string, value: string) => ({
    name: `${name} ${value}`,
    forged: { bytes, thumbnail, words: { ...words, [name]: value } },
  });
  const { split } = words;
  return [
    having('sha256', createHash('sha256').update('another').digest('hex')),
    having('sha256', words.sha256!.toUpperCase()),
    having('split', '0'),
    having('split', String(Number(split) - 1)),
    having('split', String(bytes.length + thumbnail.length + 1)),
    having('adler', '-1'),
    having('adler', '4294967296'),
    having('mirror_adler', 'NaN'),
    having('render_ms', '-1'),
    having('render_ms', 'Infinity'),
    having('render_ms', '1e400'),
    having('thumbnail_bytes', String(bytes.length + thumbnail.length)),
    having('thumbnail_bytes', '2000000'),
  ];
}

function falseThumbnails(genuine: Result) {
  const thumbnails: [string, Uint8Array][] = [
    ['no thumbnail', new Uint8Array()],
    ['SVG as the thumbnail', Buffer.from(SVG)],
    ['HTML as the thumbnail', Buffer.from(HTML)],
    ['a GIF as the thumbnail', Buffer.from(GIF, 'latin1')],
    ['a RIFF that is no WebP', Buffer.from('RIFF\u0004\u0000\u0000\u0000WAVE', 'latin1')],
    ['the first half of a thumbnail', genuine.thumbnail.subarray(0, Math.floor(genuine.thumbnail.length / 4) * 2)],
    ['the other half', genuine.thumbnail.subarray(Math.floor(genuine.thumbnail.length / 2))],
    ['HTML that begins as a WebP', Buffer.from(`RIFF\u0004\u0000\u0000\u0000WEBP${HTML}`, 'latin1')],
  ];
  return thumbnails.map(([name, thumbnail]) => ({ name, forged: described({ ...genuine, thumbnail }) }));
}

/** With the words that are true of its bytes. */
function described({ bytes, thumbnail, words }: Result): Result {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const split = String(Math.min(Number(words.split), bytes.length));
  return { bytes, thumbnail, words: { ...words, sha256, split, thumbnail_bytes: String(thumbnail.length) } };
}

function chunk(type: string, content: string): Buffer {
  const body = Buffer.from(`${type}${content}`, 'latin1');
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(body.length - 4, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), bytes.length - 4);
  return bytes;
}
