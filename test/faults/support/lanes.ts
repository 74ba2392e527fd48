import { healAndCheck } from './checker.ts';
import { Farm, type FarmOptions } from './farm.ts';
import { OrderBook } from './orders.ts';
import type { Row } from './report.ts';
import { CannotInject, type Pass, type Scene } from './scene.ts';

/** A farm, and what it is still busy with. */
interface Lane {
  farm: Farm | null;
  /** its options, as text */
  needs: string;
  judging: Promise<void>;
}

/** What a scene left to be judged. */
interface Played {
  readonly scene: Scene;
  readonly farm: Farm;
  readonly book: OrderBook;
  readonly injected: number | string;
  readonly kills: number;
  readonly seconds: number;
  readonly complaints: readonly string[];
  readonly notes: readonly string[];
}

export interface Order {
  readonly seed: number;
  readonly pass: Pass;
  /** told of each scene as soon as it was judged */
  readonly tell: (row: Row) => void;
}

const needsOf = (scene: Scene): Omit<FarmOptions, 'seed'> => scene.farm ?? {};

/** Those that need the same farm one after the other: each farm takes long to start. */
export function grouped(scenes: readonly Scene[]): Scene[] {
  const groups = Map.groupBy(scenes, (scene) => JSON.stringify(needsOf(scene)));
  return [...groups.values()].flat();
}

/**
 * Plays scenes one at a time, on two farms by turns: while one heals and is judged, which is mostly waiting for leases of the dead to expire, the next scene plays on the
 * other. A scene that measures plays while nothing else is done.
 */
export async function playAll(scenes: readonly Scene[], order: Order): Promise<Row[]> {
  const lanes: Lane[] = [newLane(), newLane()];
  const rows: Row[] = [];
  const settle = () => Promise.all(lanes.map(({ judging }) => judging));
  for (const [i, scene] of grouped(scenes).entries()) {
    const lane = lanes[i % lanes.length]!;
    await (scene.measures ? settle() : lane.judging);
    const played = await play(scene, await farmFor(lane, scene, order.seed), order);
    lane.judging = judge(played).then((row) => {
      rows.push(row);
      order.tell(row);
      // What one scene broke must not be blamed on the next.
      if (row.findings.wrong.length > 0) lane.needs = '';
    });
    if (scene.measures) await lane.judging;
  }
  await settle();
  for (const { farm } of lanes) await farm?.[Symbol.asyncDispose]();
  return rows.sort((a, b) => a.fault - b.fault);
}

const newLane = (): Lane => ({ farm: null, needs: '', judging: Promise.resolve() });

async function farmFor(lane: Lane, scene: Scene, seed: number): Promise<Farm> {
  const needs = JSON.stringify(needsOf(scene));
  if (!lane.farm || lane.needs !== needs) {
    await lane.farm?.[Symbol.asyncDispose]();
    lane.farm = null;
    lane.farm = await Farm.open({ seed, ...needsOf(scene) });
    lane.needs = needs;
  }
  // Each scene draws its choices from a seed of its own: played alone it makes the same ones.
  lane.farm.sow(seed + scene.number);
  return lane.farm;
}

async function play(scene: Scene, farm: Farm, { pass }: Order): Promise<Played> {
  const book = new OrderBook();
  const ended = new AbortController();
  const complaints: string[] = [];
  const notes: string[] = [];
  const [startedAt, killsBefore] = [performance.now(), farm.kills];
  const ordering = scene.keepsOrdering === false ? undefined : book.keepOrdering(farm, ended.signal);
  let injected: number | string;
  try {
    const complain = (sentence: string) => void complaints.push(sentence);
    const note = (sentence: string) => void notes.push(sentence);
    injected = await scene.play({ farm, book, times: scene.times[pass], pass, complain, note });
  } catch (error) {
    if (!(error instanceof CannotInject)) complaints.push(`the scene broke off: ${(error as Error).stack}`);
    injected = error instanceof CannotInject ? error.message : 0;
  }
  ended.abort();
  await ordering;
  const seconds = (performance.now() - startedAt) / 1000;
  return { scene, farm, book, injected, kills: farm.kills - killsBefore, seconds, complaints, notes };
}

async function judge({ scene, farm, book, injected, kills, seconds, complaints, notes }: Played): Promise<Row> {
  const before = performance.now();
  const found = await healAndCheck(farm, book);
  const findings = { ...found, wrong: [...complaints, ...found.wrong] };
  const times = { play: seconds, check: (performance.now() - before) / 1000 };
  return { fault: scene.number, name: scene.name, injected, kills, seconds: times, findings, notes };
}
