import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came back, if anything did. */
export interface RawAnswer {
  /** 0 when the connection ended without an answer */
  readonly status: number;
  readonly text: string;
}

/** A request of any form, to be written as it is. */
export function requestText(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Opens a connection to the server of a URL. */
export function openSocket(url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  // How it ends is the other side's choice.
  socket.on('error', () => undefined);
  return socket;
}

/** Sends these very bytes and hears the answer to its end. @throws when the other side does not end it in time */
export async function sendRaw(url: string, bytes: string | Uint8Array, timeoutMs = 20_000): Promise<RawAnswer> {
  const socket = openSocket(url);
  const answer = hear(socket);
  socket.write(bytes);
  await ended(socket, timeoutMs);
  return parse(answer());
}

/**
 * Sends a head and then the same piece again and again, as fast as it is taken, until so many bytes were sent or the other side has enough.
 * @param frame makes of a piece what is sent, for bodies in chunks
 */
export async function pour(
  url: string,
  head: string,
  { bytes, frame = (piece) => piece }: { bytes: number; frame?: (piece: Buffer) => Buffer },
): Promise<RawAnswer & { readonly sent: number }> {
  const socket = openSocket(url);
  const answer = hear(socket);
  const piece = Buffer.alloc(2 ** 18, 0x20);
  const framed = frame(piece);
  let sent = 0;
  socket.write(head);
  while (sent < bytes && !socket.destroyed && socket.writable) {
    sent += piece.length;
    if (socket.write(framed)) await new Promise(setImmediate);
    else await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
  }
  await ended(socket, 60_000);
  return { ...parse(answer()), sent };
}

function hear(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
  });
  return () => text;
}

async function ended(socket: Socket, timeoutMs: number): Promise<void> {
  if (socket.closed) return;
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const before = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(timer);
  if (performance.now() - before >= timeoutMs)
    throw new Error(`the other side did not end the connection within ${timeoutMs} ms`);
}

function parse(text: string): RawAnswer {
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0), text };
}
