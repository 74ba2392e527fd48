import { type FromStream, Stream } from './stream.ts';

/* What the tabs of one browser share: browsers allow six connections to an origin over all tabs, and a stream for each would leave none for pictures. */

/** What a tab says. */
export type ToShared = 'want' | 'leave';

const scope = globalThis as unknown as SharedWorkerGlobalScope;
/** Of the tabs that want to hear. One that crashed stays until the last of them goes, and this worker with it. */
const ports = new Set<MessagePort>();
const stream = new Stream((message) => {
  for (const port of ports) tell(port, message);
});

scope.addEventListener('connect', ({ ports: [port] }) => {
  if (!port) return;
  port.addEventListener('message', ({ data }: MessageEvent<ToShared>) => {
    if (data === 'want') {
      ports.add(port);
      tell(port, { kind: 'state', state: stream.state });
      stream.open();
    } else {
      ports.delete(port);
      if (ports.size === 0) stream.close();
    }
  });
  port.start();
});

const tell = (port: MessagePort, message: FromStream): void => port.postMessage(message);

interface SharedWorkerGlobalScope {
  addEventListener(type: 'connect', listener: (event: MessageEvent) => void): void;
}
