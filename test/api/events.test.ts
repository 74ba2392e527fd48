import { cp, rename, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventMessage } from '../../src/http/schemas.ts';
import { finished, order, send } from '../support/orders.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: EventMessage;
}

/** A stream that is being heard already when this resolves. */
async function open(url: string, lastEventId?: string) {
  const hangUp = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(`${url}/v1/events`, { headers, signal: hangUp.signal });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const chunks = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  /** Hears until `enough`, or until the service ends the stream; then hangs up. */
  async function hear(enough: (messages: Message[]) => boolean): Promise<Message[]> {
    const messages: Message[] = [];
    for (let text = ''; !enough(messages); ) {
      const { value, done } = await chunks.next();
      if (done) return messages;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      messages.push(...blocks.flatMap(parse));
    }
    hangUp.abort();
    return messages;
  }
  return { hear };
}

function parse(block: string): Message[] {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const event = field('event');
  return event === undefined ? [] : [{ id: field('id') ?? '', event, data: JSON.parse(field('data') ?? '') }];
}

const listen = async (url: string, enough: (messages: Message[]) => boolean, lastEventId?: string) =>
  await (await open(url, lastEventId)).hear(enough);

describe('/v1/events', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({ dataDir: folder.path });
  });
  afterAll(async () => {
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  /** One fractal's whole life, as seen live. */
  async function life(): Promise<{ uuid: string; messages: Message[] }> {
    const uuid = crypto.randomUUID();
    const stream = await open(api.url);
    await order(api.url, { uuid, width: 1000, height: 1000 });
    await finished(api.url, uuid);
    await send(`${api.url}/v1/fractal/${uuid}`, 'DELETE');
    const messages = await stream.hear((heard) => heard.some(({ event, data }) => event === 'deleted' && data.uuid === uuid));
    return { uuid, messages: messages.filter(({ data }) => data.uuid === uuid) };
  }

  it('tells a fractal from its order to its end, live', async () => {
    const { messages } = await life();
    const types = messages.map(({ event }) => event);
    expect(types[0]).toBe('ordered');
    expect(types.slice(-2)).toEqual(['done', 'deleted']);
    expect(types.slice(1, -2).every((type) => type === 'progress')).toBe(true);
    const progress = messages.slice(0, -1).map(({ data }) => data.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(messages.map(({ data }) => data.type)).toEqual(types);
    expect(messages.at(-1)?.data.state).toBeNull();
  });

  it('goes on after the last event that was seen, without a gap or a double', async () => {
    const { messages } = await life();
    const resumed = await listen(api.url, (seen) => seen.length >= messages.length - 2, messages[1]?.id);
    expect(resumed).toEqual(messages.slice(2));
  });

  it('resumes over a restart of the service', async () => {
    const { messages } = await life();
    expect(await api.stop()).toBe(0);
    api = await startApi({ dataDir: folder.path });
    const resumed = await listen(api.url, (seen) => seen.length >= messages.length - 1, messages[0]?.id);
    expect(resumed).toEqual(messages.slice(1));
  });

  it('says reset when it does not know the last event, and goes on from now', async () => {
    const { messages } = await life();
    const newest = messages.at(-1)?.id ?? '';
    const [epoch, number] = newest.split('-');
    for (const unknown of ['nonsense', 'otherdb-1', `${epoch}-${Number(number) + 1000}`, `${epoch}-x`]) {
      const [reset] = await listen(api.url, (seen) => seen.length > 0, unknown);
      expect(reset).toMatchObject({ event: 'reset', id: newest });
    }
  });

  it('says reset when the history was restored from a backup and went on differently', async () => {
    const restart = async (between: () => Promise<void>) => {
      expect(await api.stop()).toBe(0);
      await between();
      api = await startApi({ dataDir: folder.path });
    };
    const backup = `${folder.path}-backup`;
    const { messages: before } = await life();
    await restart(() => cp(folder.path, backup, { recursive: true }));
    const { messages: lost } = await life();
    await restart(async () => {
      await rm(folder.path, { recursive: true });
      await rename(backup, folder.path);
    });
    await life();
    const { messages: newest } = await life();
    const [reset] = await listen(api.url, (seen) => seen.length > 0, lost[0]?.id);
    expect(reset).toMatchObject({ event: 'reset', id: newest.at(-1)?.id });
    const [next] = await listen(api.url, (seen) => seen.length > 0, before.at(-1)?.id);
    expect(next).toMatchObject({ event: 'ordered' });
  });

  it('ends its streams when the service stops', async () => {
    const stream = await open(api.url);
    expect(await api.stop()).toBe(0);
    await stream.hear(() => false);
    api = await startApi({ dataDir: folder.path });
  });
});
