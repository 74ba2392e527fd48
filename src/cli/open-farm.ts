import type { Logger } from 'pino';
import type { Engine } from '../domain/engine.ts';
import type { Ports } from '../domain/ports.ts';
import type { DoorbellListener } from '../domain/queue.ts';
import type { LinkState } from '../domain/telemetry.ts';
import { createEngine } from '../engine/engine.ts';
import { createPngFrame } from '../engine/png.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import { EmbeddedPulse, EmbeddedQueue } from '../queue/embedded.ts';
import { openRepository } from './open-repository.ts';
import { openStore } from './open-store.ts';
import type { Settings } from './settings.ts';
import { maskUrl } from './urls.ts';

/** What a process draws with itself. */
export interface OwnWorker {
  readonly listener: DoorbellListener;
  readonly engine: Engine;
}

export interface Farm {
  readonly ports: Ports;
  /** null where workers on their own draw */
  readonly ownWorker: OwnWorker | null;
  /** connections to the broker; none where the queue is embedded */
  readonly links: () => readonly LinkState[];
}

/**
 * Opens everything that the settings name; all of it is closed with `opened`.
 * @throws {Fault} with a sentence for the operator
 */
export async function openFarm(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<Farm> {
  const repository = opened.use(await openRepository(settings, (line) => log.warn(line)));
  const store = opened.use(await openStore(settings.storage_url, repository));
  if (settings.storage_url === 'database:') {
    log.warn('images are kept in the database: good for trying out, but it grows and its backups become slow');
  }
  const limits = {
    maxSide: settings.max_side,
    maxIterations: settings.max_iterations,
    maxCost: settings.max_cost,
    maxClientCost: settings.max_client_cost,
    maxOutstandingCost: settings.max_outstanding_cost,
  };
  const same = { repository, store, frame: createPngFrame(), limits, engineVersion: ENGINE_VERSION };
  if (settings.transport_url === 'embedded:') {
    const listener = new EmbeddedQueue();
    const engine = opened.use(await createEngine({ threads: settings.threads, isBackground: true }));
    return { ports: { ...same, ringer: listener, pulse: new EmbeddedPulse() }, ownWorker: { listener, engine }, links: () => [] };
  }
  const { openRabbitQueue } = await import('../queue/rabbitmq.ts');
  const name = maskUrl(settings.transport_url);
  const queue = opened.use(await openRabbitQueue(settings.transport_url, { name, onTrouble: (line) => log.warn(line) }));
  return { ports: { ...same, ringer: queue, pulse: queue.pulse }, ownWorker: null, links: queue.links };
}
