import type { Farm } from './farm.ts';
import { runSql } from './sql.ts';

/** Counts, in the PostgreSQL itself, each time that a lease is counted as an interruption, also of bands that are gone when somebody looks. */
export class InterruptionCount implements AsyncDisposable {
  readonly #farm: Farm;

  private constructor(farm: Farm) {
    this.#farm = farm;
  }

  static async open(farm: Farm): Promise<InterruptionCount> {
    await runSql(farm.database.url, 'create table counted_interruptions (fractal_seq bigint, band integer)');
    await runSql(
      farm.database.url,
      `create function count_interruption() returns trigger language plpgsql as $$
         begin insert into counted_interruptions values (new.fractal_seq, new.band); return new; end $$`,
    );
    await runSql(
      farm.database.url,
      `create trigger count_interruptions after update of interruptions on bands for each row
         when (new.interruptions > old.interruptions) execute function count_interruption()`,
    );
    return new InterruptionCount(farm);
  }

  async read(): Promise<number> {
    const [row] = await runSql<{ n: number }>(
      this.#farm.database.url,
      'select count(*)::integer as n from counted_interruptions',
    );
    return row!.n;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const what of ['trigger count_interruptions on bands', 'function count_interruption()', 'table counted_interruptions']) {
      await runSql(this.#farm.database.url, `drop ${what}`);
    }
  }
}
