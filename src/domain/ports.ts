import type { Engine, PngFrame } from './engine.ts';
import type { Limits } from './limits.ts';
import type { DoorbellRinger, Pulse } from './queue.ts';
import type { Repository } from './repository.ts';
import type { Store } from './store.ts';

/** Everything the actions stand on; each takes the few it needs. */
export interface Ports {
  readonly repository: Repository;
  readonly store: Store;
  readonly ringer: DoorbellRinger;
  readonly frame: PngFrame;
  /** beats when state has changed in a way that others wait for: orders, events, due doorbells, complete fractals */
  readonly pulse: Pulse;
  readonly limits: Limits;
  readonly engineVersion: Engine['version'];
}
