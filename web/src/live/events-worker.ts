import { SAY_HERE_MS } from './say-here.ts';
import { type FromStream, Stream } from './stream.ts';

/* What the tabs of one browser share: browsers allow six connections to an origin over all tabs, and a stream for each would leave none for pictures. */

/** What a tab says; `here` now and then, for as long as it wants to hear. */
export type ToShared = 'want' | 'here' | 'leave';

/** A tab that has ended without a word is given up; one that slept says that it is here, and is heard of again. */
const SILENT_MS = 3.5 * SAY_HERE_MS;

const scope = globalThis as unknown as SharedWorkerGlobalScope;
/** Of the tabs that want to hear → when each was heard of last. */
const ports = new Map<MessagePort, number>();
const stream = new Stream((message) => {
  for (const port of ports.keys()) tell(port, message);
});

scope.addEventListener('connect', ({ ports: [port] }) => {
  if (!port) return;
  port.addEventListener('message', ({ data }: MessageEvent<ToShared>) => {
    if (data === 'leave') {
      giveUp(port);
      return;
    }
    const isNew = !ports.has(port);
    ports.set(port, performance.now());
    if (isNew || data === 'want') tell(port, { kind: 'state', state: stream.state });
    stream.open();
  });
  port.start();
});

setInterval(() => {
  for (const [port, heardAt] of ports) if (performance.now() - heardAt > SILENT_MS) giveUp(port);
}, SAY_HERE_MS);

function giveUp(port: MessagePort): void {
  ports.delete(port);
  if (ports.size === 0) stream.close();
}

const tell = (port: MessagePort, message: FromStream): void => port.postMessage(message);

interface SharedWorkerGlobalScope {
  addEventListener(type: 'connect', listener: (event: MessageEvent) => void): void;
}
