import { join } from 'node:path';
import { localDispatcher } from '../../src/actions/dispatcher.ts';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { createPngFrame } from '../../src/engine/png.ts';
import { EmbeddedPulse, EmbeddedQueue } from '../../src/queue/embedded.ts';
import { openSqliteRepository } from '../../src/repository/sqlite.ts';
import { openFileStore } from '../../src/store/file.ts';

/** The service's real parts without its edges, for tests that step between them. */
export async function openParts(folder: string) {
  const stack = new AsyncDisposableStack();
  const queue = new EmbeddedQueue();
  const repository = stack.use(await openSqliteRepository(join(folder, 'faafo.db')));
  const store = stack.use(await openFileStore(join(folder, 'images')));
  const engine = stack.use(await createEngine({ threads: 1 }));
  const ports: Ports = {
    repository,
    store,
    ringer: queue,
    frame: createPngFrame(),
    pulse: new EmbeddedPulse(),
    limits: DEFAULT_LIMITS,
    engineVersion: engine.version,
  };
  return {
    ports,
    queue,
    engine,
    dispatcher: localDispatcher(ports),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
