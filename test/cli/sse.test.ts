import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSse, type SseMessage } from '../../src/http/sse.ts';

async function parse(pieces: readonly Uint8Array[]): Promise<SseMessage[]> {
  const source = async function* () {
    yield* pieces;
  };
  const messages: SseMessage[] = [];
  for await (const message of parseSse(source())) messages.push(message);
  return messages;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the event stream parser', () => {
  it('reads ids, names, data of several lines, and skips comments', async () => {
    const text = ': hello\n\nid: a-1\nevent: done\ndata: {"x":\ndata:1}\n\nretry: 1000\ndata: again\n\n';
    expect(await parse([bytes(text)])).toEqual([
      { id: 'a-1', event: 'done', data: '{"x":\n1}' },
      { id: 'a-1', event: 'message', data: 'again' },
    ]);
  });

  it('drops a message that the end cuts off', async () => {
    expect(await parse([bytes('data: whole\n\ndata: cut\n')])).toEqual([{ id: '', event: 'message', data: 'whole' }]);
  });

  it('does not care where the pieces are cut, nor how lines end', async () => {
    const data = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replace(/[\r\n\0]/g, '.'));
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        fc.array(data, { minLength: 1, maxLength: 5 }),
        ending,
        fc.integer({ min: 1, max: 7 }),
        async (texts, end, size) => {
          const stream = bytes(texts.map((text, i) => `id: ${i}${end}event: e${end}data: ${text}${end}${end}`).join(''));
          const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
            stream.subarray(i * size, (i + 1) * size),
          );
          // A lone CR at the very end may be half of a CR LF, so the last message may be held back.
          const sent = texts.map((text, i) => ({ id: String(i), event: 'e', data: text }));
          expect(await parse([...pieces, bytes(`${end}`)])).toEqual(sent);
        },
      ),
    );
  });
});
