import { setTimeout as sleep } from 'node:timers/promises';
import { parseSse } from '../../../src/http/sse.ts';

/** A client of /v1/events that comes back with the id of the last message whenever the stream ends. */
export class EventReader implements AsyncDisposable {
  readonly #url: string;
  readonly #end = new AbortController();
  readonly #reading: Promise<void>;
  /** of the last message */
  id = '';
  events = 0;
  resets = 0;

  /** @param id of a message after which it goes on */
  constructor(url: string, id = '') {
    this.#url = url;
    this.id = id;
    this.#reading = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await this.#follow(signal).catch(() => undefined);
      await sleep(200, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const headers: Record<string, string> = this.id === '' ? {} : { 'last-event-id': this.id };
    const response = await fetch(`${this.#url}/v1/events`, { headers, signal });
    if (response.status !== 200 || !response.body) return void (await response.body?.cancel());
    for await (const { id, event } of parseSse(response.body)) {
      if (event === 'reset') this.resets++;
      else this.events++;
      this.id = id;
    }
  }
}
