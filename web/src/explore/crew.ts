import type { Spec } from '../../../src/domain/spec.ts';
import type { Gradients } from '../../../src/kernel/kernel.ts';
import type { Answer, ColourJob, DrawJob, ToWorker } from './job.ts';
import { loadModules } from './modules.ts';

const MAX_WORKERS = 16;
/** In each worker's hands: one in work and one that waits, so that it never has to. */
const IN_HAND = 2;

type Job = Omit<DrawJob, 'id'> | Omit<ColourJob, 'id'>;

interface Hand {
  readonly worker: Worker;
  readonly jobs: Map<number, (answer: Answer) => void>;
  /** names of the modules that it has */
  readonly modules: Set<string>;
}

/** As many workers as the machine has cores. */
export class Crew {
  readonly #hands: readonly Hand[];
  #lastId = 0;
  /** called whenever somebody could do with more work */
  onFree: () => void = () => undefined;
  /** called when somebody does not start, or has gone wrong */
  onTrouble: () => void = () => undefined;
  /** tiles that were given to be counted */
  drawn = 0;

  constructor() {
    const size = Math.min(MAX_WORKERS, Math.max(1, navigator.hardwareConcurrency ?? 2));
    this.#hands = Array.from({ length: size }, () => this.#hire());
  }

  get size(): number {
    return this.#hands.length;
  }

  #hire(): Hand {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const hand: Hand = { worker, jobs: new Map(), modules: new Set() };
    worker.addEventListener('error', () => this.onTrouble());
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.error !== undefined) this.onTrouble();
      hand.jobs.get(data.id)?.(data);
      hand.jobs.delete(data.id);
      this.onFree();
    });
    return hand;
  }

  /** Gives everybody what draws a formula; jobs for it may be given afterwards. @param gradients that are at hand, for those who begin */
  async prepare(spec: Pick<Spec, 'formula' | 'power'>, gradients?: Gradients): Promise<void> {
    const modules = await loadModules(spec);
    for (const hand of this.#hands) {
      const missing = Object.entries(modules).filter(([name]) => !hand.modules.has(name));
      if (missing.length === 0) continue;
      for (const [name] of missing) hand.modules.add(name);
      this.#tell(hand, { kind: 'modules', modules: Object.fromEntries(missing), gradients });
    }
  }

  /** Whether worker number `hand` would take another job now. @param urgent one more than otherwise */
  isFree(hand: number, urgent = false): boolean {
    return this.#hands[hand]!.jobs.size < IN_HAND + (urgent ? 1 : 0);
  }

  /** @returns what cancels it; the answer comes all the same */
  give(hand: number, job: Job, onAnswer: (answer: Answer) => void): () => void {
    const id = ++this.#lastId;
    const to = this.#hands[hand]!;
    to.jobs.set(id, onAnswer);
    if (job.kind === 'draw' && job.key !== null) this.drawn++;
    this.#tell(to, { ...job, id });
    return () => this.#tell(to, { kind: 'cancel', ids: [id] });
  }

  drop(hand: number, keys: readonly string[] | null): void {
    this.#tell(this.#hands[hand]!, { kind: 'drop', keys });
  }

  dropAll(): void {
    for (const hand of this.#hands) this.#tell(hand, { kind: 'drop', keys: null });
  }

  dismiss(): void {
    this.onFree = () => undefined;
    for (const { worker } of this.#hands) worker.terminate();
  }

  #tell({ worker }: Hand, message: ToWorker): void {
    worker.postMessage(message);
  }
}
