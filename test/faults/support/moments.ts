import type { FaultProxy, Verdict } from './fault-proxy.ts';
import type { Part } from './part.ts';

/** Recognises a moment in the pieces of one link. */
export type Sight = (piece: string, to: 'server' | 'client', conversation: object) => boolean;
/** Gives each link a sight of its own, because a sight remembers what went before. */
export type Moment = () => Sight;

/**
 * Waits until a moment is seen on one of the links, and acts before that piece goes on. Each link has one watcher at a time.
 * @param act given the number of the link
 * @returns the number of the link
 * @throws when the moment does not come in time
 */
export async function atMoment(
  links: readonly FaultProxy[],
  moment: Moment,
  act: (link: number) => Verdict | Promise<Verdict>,
  timeoutMs = 45_000,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let isOver = false;
  for (const [number, link] of links.entries()) {
    const sees = moment();
    link.watch(async (piece, to, conversation) => {
      if (!sees(piece.toString('latin1'), to, conversation) || isOver) return 'pass';
      isOver = true;
      try {
        const verdict = await act(number);
        resolve(number);
        return verdict;
      } catch (error) {
        reject(error);
        return 'pass';
      }
    });
  }
  const timer = setTimeout(() => reject(new Error(`the moment did not come within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await promise;
  } finally {
    isOver = true;
    clearTimeout(timer);
    for (const link of links) link.watch(null);
  }
}

/** Ends a process, and the connection on which it was seen. */
export async function cutOff(part: Part): Promise<Verdict> {
  await part.kill();
  return 'reset';
}

/** A database's COMMIT of a transaction in which all of these were said. PostgreSQL and MariaDB are spoken to in clear text. */
export const commitOf =
  (...words: readonly RegExp[]): Moment =>
  () => {
    const met = new WeakMap<object, Set<RegExp>>();
    return (piece, to, conversation) => {
      if (to !== 'server') return false;
      if (isStatement(piece, 'begin')) met.set(conversation, new Set());
      const said = met.get(conversation);
      if (!said) return false;
      for (const word of words) if (word.test(piece)) said.add(word);
      return isStatement(piece, 'commit') && said.size === words.length;
    };
  };

const isStatement = (piece: string, word: string): boolean => piece.endsWith(`${word}\0`) || piece.endsWith(word);

/* What is said is known by its values, because the text of a prepared statement is sent only once. */

/** Something is ordered: its spec. */
export const AN_ORDER = /formula\\?":/;
/** This fractal is ordered. */
export const orderOf = (uuid: string): readonly RegExp[] => [new RegExp(uuid), AN_ORDER];
/** A delivered band is marked done: its SHA-256, its state, and an event; [\b] is the length of the word that follows. */
export const RESULT_STORED: readonly RegExp[] = [/[0-9a-f]{64}/, /\bdone\b/, /[\b']progress\b/];
/** An assembled picture is marked done: its SHA-256 and its key. */
export const PICTURE_STORED: readonly RegExp[] = [/[0-9a-f]{64}/, /\.png\b/];

/** A doorbell of this fractal, or of any, on its way to the queue. */
export const doorbellOf =
  (uuid = ''): Moment =>
  () =>
  (piece, to) =>
    to === 'server' && piece.includes(`"fractal":"${uuid}`);

/** The server's confirmation of a doorbell of this fractal, or of any. */
export const confirmationOf =
  (uuid = ''): Moment =>
  () => {
    const published = new WeakSet<object>();
    const isDoorbell = doorbellOf(uuid)();
    return (piece, to, conversation) => {
      if (isDoorbell(piece, to, conversation)) published.add(conversation);
      return to === 'client' && published.has(conversation) && isAck(piece);
    };
  };

/** A worker's acknowledgement of a doorbell. */
export const acknowledgement: Moment = () => (piece, to) => to === 'server' && isAck(piece);

/** A method frame (1), its channel and size, then class 60, method 80. Source: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2.3 */
function isAck(piece: string): boolean {
  for (let at = piece.indexOf(ACK); at >= 0; at = piece.indexOf(ACK, at + 1)) if (piece.charCodeAt(at - 7) === 1) return true;
  return false;
}

const ACK = '\0\x3c\0\x50';

/** An answer with this status to a request that begins so, in whose head or body all of these are said. */
export const answerTo =
  (request: string, status: number, ...words: readonly string[]): Moment =>
  () => {
    const asked = new WeakMap<object, string>();
    return (piece, to, conversation) => {
      if (to === 'client') {
        const said = asked.get(conversation) ?? '';
        return piece.startsWith(`HTTP/1.1 ${status} `) && said.startsWith(request) && words.every((word) => said.includes(word));
      }
      const before = /^(GET|POST|PUT|DELETE) \//.test(piece) ? '' : (asked.get(conversation) ?? '');
      asked.set(conversation, (before + piece).slice(0, 4096));
      return false;
    };
  };

/** The beginning of such a request. */
export const requestOf =
  (request: string): Moment =>
  () =>
  (piece, to) =>
    to === 'server' && piece.startsWith(request);
