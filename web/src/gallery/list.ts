import { signal } from '@preact/signals';
import { type Fractal, type FractalPage, listFractals, Refusal } from '../api/client.ts';
import { type LiveEvent, subscribe } from '../api/live.ts';
import { applyToFractal } from '../state/apply-event.ts';
import { type Filter, filterText } from './filter.ts';
import { Ranks } from './ranks.ts';

/** Fractals in one request. */
const PAGE = 60;
const RETRY_MS = 3_000;
/** Many events at once cost one reading, or two. */
const SETTLE_MS = 120;
/** Those that are far from what is seen are forgotten, so that a long way down costs no more memory than a short one. */
const KEPT_AROUND = 1_200;

/**
 * A filtered list of the gallery, as far as it has been looked at, kept true by events. While somebody looks at the top what is ordered appears there at once;
 * farther down it is held back, so that nothing moves under the eye.
 */
export class GalleryList {
  readonly filter: Filter;
  /** how many there are, without those held back; undefined until it is known */
  readonly total = signal<number | undefined>(undefined);
  /** ordered since, and held back */
  readonly news = signal(0);
  /** why the last reading failed; null after one that did not */
  readonly failure = signal<Error | null>(null);
  /** grows with each change of what `at` gives */
  readonly version = signal(0);
  readonly #ranks = new Ranks();
  /** uuid of the last of a page → the cursor behind it */
  readonly #cursors = new Map<string, string>();
  #seen = { first: 0, last: 0 };
  #isAtTop = true;
  #isReading = false;
  #isStale = false;
  #headIsDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #unsubscribe: (() => void) | undefined;

  constructor(filter: Filter) {
    this.filter = filter;
  }

  at(rank: number): Fractal | undefined {
    return this.#ranks.at(rank);
  }

  rankOf(uuid: string): number | undefined {
    return this.#ranks.rankOf(uuid);
  }

  /** From now on it is read and kept true, until the returned function is called. */
  follow(): () => void {
    this.#unsubscribe = subscribe((event) => this.#onEvent(event));
    this.#refresh(0);
    return () => {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
      clearTimeout(this.#timer);
      this.#dueAt = Number.POSITIVE_INFINITY;
    };
  }

  /** What is seen: ranks from `first` to before `last`; whatever of it is missing is read. */
  see(first: number, last: number, isAtTop: boolean): void {
    const cameToTheTop = isAtTop && !this.#isAtTop;
    this.#seen = { first, last };
    this.#isAtTop = isAtTop;
    if (cameToTheTop && this.news.peek() > 0) this.showNews();
    else if (this.#hole() !== undefined) this.#schedule(0);
  }

  /** Lets in what was held back. */
  showNews(): void {
    this.#isAtTop = true;
    this.#headIsDue = true;
    this.#schedule(0);
  }

  /** All from rank to rank, read if need be, for a selection. @throws {Refusal | Unreachable} */
  async range(first: number, last: number): Promise<Fractal[]> {
    for (let rank = first; rank < last; rank++) {
      if (this.#ranks.at(rank)) continue;
      this.#place(await this.#read(rank), rank);
      if (!this.#ranks.at(rank)) break;
    }
    return Array.from({ length: Math.max(0, last - first) }, (_, i) => this.#ranks.at(first + i)).filter((found) => !!found);
  }

  #onEvent(event: LiveEvent): void {
    // What is being read right now may be from before the event.
    if (this.#isReading) this.#isStale = true;
    if (event.type === 'resync') this.#refresh(0);
    else if (event.type === 'ordered') this.#refreshHead();
    else this.#apply(event);
  }

  #apply(event: Exclude<LiveEvent, { type: 'resync' }>): void {
    const rank = this.#ranks.rankOf(event.uuid);
    const { state } = this.filter;
    const leaves = event.type === 'deleted' || (state !== undefined && event.state !== state);
    if (rank === undefined) {
      // Somewhere out of sight, or it passes the filter from now on.
      if (event.type === 'deleted' || state !== undefined) this.#refresh(SETTLE_MS);
    } else if (leaves) {
      this.#ranks.remove(rank);
      this.total.value = Math.max(0, (this.total.peek() ?? 1) - 1);
      this.version.value++;
    } else {
      const next = applyToFractal(event, this.#ranks.at(rank)!);
      if (next === 'reload') {
        this.#refresh(SETTLE_MS);
      } else {
        this.#ranks.put(rank, next);
        this.version.value++;
      }
    }
  }

  /** What is seen is read anew; the rest when it is looked at again. */
  #refresh(afterMs: number): void {
    this.#isStale = true;
    this.#schedule(afterMs);
  }

  #refreshHead(): void {
    this.#headIsDue = true;
    this.#schedule(SETTLE_MS);
  }

  /** Sooner than it was to be done; never later, or many events would put it off for ever. */
  #schedule(afterMs: number): void {
    const at = performance.now() + afterMs;
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      void this.#work();
    }, afterMs);
  }

  /** The first rank in sight, or a little below, that is not known; a rank that is known when all of it is read anew. */
  #hole(): number | undefined {
    const end = Math.min(this.total.peek() ?? PAGE, this.#seen.last + PAGE / 2);
    for (let rank = this.#seen.first; rank < end; rank++) if (!this.#ranks.at(rank)) return rank;
    return undefined;
  }

  async #work(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      await this.#readWhatIsDue();
      this.failure.value = null;
    } catch (error) {
      this.failure.value = error as Error;
      if (!(error instanceof Refusal && error.status < 500)) this.#schedule(RETRY_MS);
    } finally {
      this.#isReading = false;
    }
    if (this.failure.peek() === null && this.#unsubscribe) {
      if (this.#isStale || this.#headIsDue) this.#schedule(SETTLE_MS);
      else if (this.#hole() !== undefined) this.#schedule(0);
    }
  }

  async #readWhatIsDue(): Promise<void> {
    if (this.#isStale) {
      this.#isStale = false;
      this.#headIsDue = false;
      const { first, last } = this.#seen;
      this.#ranks.keep(first - PAGE, last + PAGE);
      this.#cursors.clear();
      if (this.#isAtTop) this.#takeHead(await this.#ask({ page: 1 }));
      for (let rank = this.#isAtTop ? PAGE : first; rank < Math.min(last, this.total.peek() ?? 1); rank += PAGE) {
        this.#place(await this.#read(rank), rank);
      }
    } else if (this.#headIsDue) {
      this.#headIsDue = false;
      this.#takeHead(await this.#ask({ page: 1 }));
    }
    const hole = this.#hole();
    if (hole !== undefined) await this.#fill(hole);
  }

  async #fill(hole: number): Promise<void> {
    const page = await this.#read(hole);
    this.#place(page, hole);
    if (this.#hole() !== hole) return;
    // What is known does not fit what is there now: it is forgotten, and read anew as it is looked at.
    this.#ranks.keep(0, 0);
    this.#cursors.clear();
    this.news.value = 0;
    this.#takeHead(await this.#ask({ page: 1 }));
    this.#place(await this.#read(hole), hole);
    if (this.#hole() === hole) throw new Error('The gallery changes faster than it can be read.');
  }

  #ask(place: { page: number } | { cursor: string }): Promise<FractalPage> {
    return listFractals({ ...this.filter, ...place, results_per_page: PAGE });
  }

  /** The page that holds a rank: behind the one above it if that is known, else by its number. */
  #read(rank: number): Promise<FractalPage> {
    const cursor = this.#cursors.get(this.#ranks.at(rank - 1)?.uuid ?? '');
    if (cursor !== undefined) return this.#ask({ cursor });
    return this.#ask({ page: Math.floor((rank + this.news.peek()) / PAGE) + 1 });
  }

  /** @param rank that was asked for: where a page begins that was read by a cursor */
  #place(page: FractalPage, rank: number): void {
    const { objects, num_results } = page;
    let first = page.page === null ? rank : (page.page - 1) * PAGE - this.news.peek();
    const known = objects.findIndex(({ uuid }) => this.#ranks.rankOf(uuid) !== undefined);
    // Something was ordered or deleted meanwhile: those that are known stay where they are, the others go around them.
    if (known >= 0) {
      const stands = this.#ranks.rankOf(objects[known]!.uuid)! - known;
      if (page.page !== null) this.news.value = Math.max(0, this.news.peek() + first - stands);
      first = stands;
    }
    this.#takeTotal(num_results);
    this.#put(page, first);
  }

  /** The newest: those above the one that is the first here are news. */
  #takeHead(page: FractalPage): void {
    const top = this.#ranks.at(0)?.uuid;
    const above = page.objects.findIndex(({ uuid }) => uuid === top);
    if (!this.#isAtTop) {
      this.news.value = above >= 0 ? above : Math.max(0, page.num_results - (this.total.peek() ?? page.num_results));
      return;
    }
    if (above > 0) this.#ranks.shift(above);
    else if (above < 0) this.#ranks.keep(0, 0);
    this.news.value = 0;
    this.#takeTotal(page.num_results);
    this.#put(page, 0);
  }

  #takeTotal(results: number): void {
    const total = Math.max(0, results - this.news.peek());
    if (total === this.total.peek()) return;
    this.total.value = total;
    this.#ranks.keep(0, total);
  }

  #put({ objects, next_cursor }: FractalPage, first: number): void {
    for (const [i, fractal] of objects.entries()) if (first + i >= 0) this.#ranks.put(first + i, fractal);
    const last = objects.at(-1);
    if (last && next_cursor !== null) this.#cursors.set(last.uuid, next_cursor);
    if (this.#ranks.size > 3 * KEPT_AROUND) {
      this.#ranks.keep(this.#seen.first - KEPT_AROUND, this.#seen.last + KEPT_AROUND);
      this.#cursors.clear();
    }
    this.version.value++;
  }
}

/** Lists that were looked at lately: coming back to one costs nothing. */
const lists = new Map<string, GalleryList>();
const REMEMBERED = 6;

export function listOf(filter: Filter): GalleryList {
  const key = filterText(filter);
  const list = lists.get(key) ?? new GalleryList(filter);
  lists.delete(key);
  lists.set(key, list);
  const [oldest] = lists.keys();
  if (lists.size > REMEMBERED && oldest !== undefined) lists.delete(oldest);
  return list;
}
