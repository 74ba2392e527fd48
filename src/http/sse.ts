/** One message of a text/event-stream. */
export interface SseMessage {
  /** the last id seen on the stream; empty when there was none */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Messages of an event stream, as the HTML standard parses them; lines may end in CR, LF or both, wherever the pieces are cut.
 * A message that is not ended by an empty line is dropped.
 * Source: docs/references.md#sse
 */
export async function* parseSse(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<SseMessage> {
  let id = '';
  let event = '';
  let data: string[] = [];
  for await (const line of linesOf(pieces)) {
    if (line === '') {
      if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true });
    // A CR at the very end may be the first half of CR LF.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const lines = complete.split(/\r\n|\n|\r/);
    rest = lines.pop()! + rest.slice(complete.length);
    yield* lines;
  }
}
