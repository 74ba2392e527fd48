import { setTimeout as sleep } from 'node:timers/promises';
import type { Farm } from './farm.ts';

const LONGEST_FAULT_MS = 20_000;

/** One of the cheap faults; it takes itself back. */
export interface Mishap {
  readonly name: string;
  befall(farm: Farm): Promise<void>;
}

const restOf = (farm: Farm): Promise<void> => sleep(2_000 + farm.random() * (LONGEST_FAULT_MS - 2_000));

export const MISHAPS: readonly Mishap[] = [
  { name: 'worker killed', befall: (farm) => farm.pick(farm.workers).restart() },
  { name: 'API killed', befall: (farm) => farm.pick(farm.apis).restart() },
  {
    name: 'part stopped',
    async befall(farm) {
      const part = farm.pick(farm.parts);
      part.signal('SIGSTOP');
      await restOf(farm);
      part.signal('SIGCONT');
    },
  },
  {
    name: 'part stopped cleanly',
    async befall(farm) {
      const part = farm.pick(farm.parts);
      await part.stop();
      await part.start();
    },
  },
  { name: 'link reset', befall: async (farm) => farm.pick(farm.links).reset() },
  {
    name: 'link silent',
    async befall(farm) {
      const link = farm.pick(farm.links);
      link.silence();
      await restOf(farm);
      link.heal();
    },
  },
  {
    name: 'link refusing',
    async befall(farm) {
      const link = farm.pick(farm.links);
      link.refuse();
      await restOf(farm);
      link.heal();
    },
  },
  {
    name: 'link slow',
    async befall(farm) {
      const link = farm.pick(farm.links);
      link.delayMs = 50;
      await restOf(farm);
      link.heal();
    },
  },
  ...(['broker', 'database'] as const).flatMap((server): Mishap[] => [
    {
      name: `${server} killed`,
      async befall(farm) {
        await farm[server].kill();
        await farm[server].start();
      },
    },
    {
      name: `${server} stopped`,
      async befall(farm) {
        await farm[server].pause();
        await restOf(farm);
        farm[server].resume();
      },
    },
  ]),
];
