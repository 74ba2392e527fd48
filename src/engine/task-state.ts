const ABORTED = 0;
const PROGRESS = 1;
const WAITING = 0;
const RUNNING = 1;
const ENDED = 2;

/** What two threads know about one task: whether it is still wanted, and how far it got. */
export class TaskState {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** @param shared the other thread's `shared`; a new one by default */
  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  get aborted(): boolean {
    return Atomics.load(this.#words, ABORTED) === 1;
  }

  /** @returns whether no thread had begun: one that begins later sees the abort before it works */
  abort(): boolean {
    Atomics.store(this.#words, ABORTED, 1);
    return Atomics.load(this.#words, PROGRESS) === WAITING;
  }

  start(): void {
    Atomics.store(this.#words, PROGRESS, RUNNING);
  }

  end(): void {
    Atomics.store(this.#words, PROGRESS, ENDED);
  }

  /** Whether the thread came to its end, well or with an error of its own. */
  get ended(): boolean {
    return Atomics.load(this.#words, PROGRESS) === ENDED;
  }
}
