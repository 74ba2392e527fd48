import { DOORBELL_QUEUE } from './rabbit-doorbell.ts';
import { explainRabbit } from './rabbit-faults.ts';

/**
 * Says what is wrong with a RabbitMQ: each trouble once, however often it is met, until it changes or is over.
 */
export class RabbitVoice {
  readonly #at: string;
  readonly #say: (line: string) => void;
  readonly #troubles = new Map<string, string>();

  /** @param name what the server is called in sentences: its URL without the password */
  constructor(name: string, say: (line: string) => void) {
    this.#at = `RabbitMQ at ${name}`;
    this.#say = say;
  }

  /** @param part what is in trouble: a connection, or one use of it */
  trouble(part: string, line: string): void {
    const kind = kindOf(line);
    const isKnown = [...this.#troubles.values()].includes(kind);
    this.#troubles.set(part, kind);
    if (!isKnown) this.#say(line);
  }

  over(part: string): void {
    if (this.#troubles.delete(part) && this.#troubles.size === 0) this.#say(`${this.#at} works again.`);
  }

  /** Something that happened once. @param what as in "… ended the listening" */
  mention(what: string): void {
    this.#say(`${this.#at} ${what}`);
  }

  blocked(): string {
    return `${this.#at} takes no messages now: it is short of memory or disk.`;
  }

  queueWasGone(): string {
    return `${this.#at} had no queue ${DOORBELL_QUEUE}; it has one again.`;
  }

  cancelled(): string {
    return `${this.#at} ended the listening: was the queue deleted?`;
  }

  silent(): string {
    return `${this.#at} does not answer.`;
  }

  /** @param wasUp whether the server had let us in */
  explain(error: unknown, wasUp = true): string {
    return explainRabbit(this.#at, error, wasUp);
  }
}

/** The same trouble may come with different details in brackets: a server that goes away first resets connections, then refuses them. */
function kindOf(line: string): string {
  return line.replace(/ \(.*/, '');
}
