import { DOORBELL_QUEUE } from './rabbit-doorbell.ts';
import type { RabbitLink } from './rabbit-link.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

/**
 * A RabbitMQ that is killed within a second of making a quorum queue may come back with the queue's name and without its leader: then it
 * confirms no message, or rejects all, for ever. Doorbells are dispensable, so such a queue is deleted; whoever needs it next makes it anew.
 */
export class QueueMender {
  readonly #link: RabbitLink;
  readonly #voice: RabbitVoice;
  readonly #patienceMs: number;
  #silentSince: number | null = null;
  #isMending = false;

  /** @param patienceMs a queue that takes nothing for so long, while the server answers, is deleted */
  constructor(link: RabbitLink, voice: RabbitVoice, patienceMs: number) {
    this.#link = link;
    this.#voice = voice;
    this.#patienceMs = patienceMs;
  }

  /** A ring was confirmed, or failed for a reason that is known. */
  answered(): void {
    this.#silentSince = null;
  }

  /** The queue did not take a ring, for no reason that is known. @param forMs how long it was waited for */
  unconfirmed(forMs: number): void {
    const now = performance.now();
    this.#silentSince ??= now - forMs;
    if (now - this.#silentSince < this.#patienceMs || this.#isMending) return;
    this.#isMending = true;
    // What fails here is tried again after the next ring.
    void this.#mend()
      .catch(() => {})
      .finally(() => {
        this.#isMending = false;
      });
  }

  async #mend(): Promise<void> {
    const channel = await this.#link.channel();
    try {
      const { messageCount } = await channel.queueDeclare({ queue: DOORBELL_QUEUE, passive: true });
      // A queue that knows what it holds has a leader; and if a ring was confirmed meanwhile, it was the whole server that was silent.
      if (messageCount > 0 || this.#silentSince === null) return;
      this.#voice.mention(
        `answers but takes no doorbell: its queue ${DOORBELL_QUEUE} is deleted and made anew, and the database rings again.`,
      );
      await channel.queueDelete(DOORBELL_QUEUE);
      this.#silentSince = null;
    } finally {
      await channel.close();
    }
  }
}
