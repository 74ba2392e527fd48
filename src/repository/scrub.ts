import { type Selectable, sql, type UpdateObject } from 'kysely';
import type { Scrub, ScrubRepository } from '../domain/repository.ts';
import type { Database, ScrubTable, Tables } from './tables.ts';

/** One row; whoever holds it reads on. What a power failure takes back of it is only read again. */
export function scrubRepository({ db, can }: Database): ScrubRepository {
  const read = async () => toScrub(await db.selectFrom('scrub').selectAll().where('id', '=', 1).executeTakeFirstOrThrow());
  const change = (set: UpdateObject<Tables, 'scrub'>) => db.updateTable('scrub').set(set).where('id', '=', 1);
  return {
    read,

    async claim(holder, leaseMs, restMs) {
      const claimed = await change({
        holder,
        until: sql<number>`${can.nowMs} + ${leaseMs}`,
        lap_started_at: sql<number>`coalesce(lap_started_at, ${can.nowMs})`,
      })
        .where((eb) => eb.or([eb('holder', '=', holder), eb('until', '<', can.nowMs)]))
        .where((eb) =>
          eb.or([
            eb('lap_started_at', 'is not', null),
            eb('lap_finished_at', 'is', null),
            eb('lap_finished_at', '<=', sql<number>`${can.nowMs} - ${restMs}`),
          ]),
        )
        .executeTakeFirst();
      return claimed.numUpdatedRows === 1n ? await read() : null;
    },

    async advance(holder, { seq, bytes, damaged, missing }) {
      const advanced = await change({
        position: seq,
        checked: sql<number>`checked + 1`,
        bytes: sql<number>`bytes + ${bytes}`,
        damaged: sql<number>`damaged + ${damaged}`,
        missing: sql<number>`missing + ${missing}`,
      })
        .where('holder', '=', holder)
        .where('position', '<', seq)
        .executeTakeFirst();
      return advanced.numUpdatedRows === 1n;
    },

    async finishLap(holder) {
      const lap = { position: 0, checked: 0, bytes: 0, lap_started_at: null, lap_finished_at: can.nowMs };
      const finished = await change({ ...lap, until: 0 })
        .where('holder', '=', holder)
        .executeTakeFirst();
      return finished.numUpdatedRows === 1n;
    },
  };
}

function toScrub(row: Selectable<ScrubTable>): Scrub {
  const { position, checked, bytes, damaged, missing, lap_started_at: lapStartedAt, lap_finished_at: lapFinishedAt } = row;
  return { position, checked, bytes, damaged, missing, lapStartedAt, lapFinishedAt };
}
