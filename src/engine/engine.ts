import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Band } from '../domain/band.ts';
import type { Engine, RenderedBand, Thumbnail } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import type { Spec } from '../domain/spec.ts';
import { checkBand } from '../kernel/check-band.ts';
import { drawPng } from './draw-png.ts';
import { loadKernel } from './load-kernel.ts';
import { createPngFrame } from './png.ts';
import { TaskState } from './task-state.ts';
import type { RenderTask, ThreadData } from './thread.ts';
import { encodeThumbnail, thumbnailSpec } from './thumbnail.ts';
import { ENGINE_VERSION } from './version.ts';
import { WARM_UP } from './warm-up.ts';

// From src/ and from dist/ alike.
const THREAD_FILE = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

/** A band needs about 4 MiB outside these heaps; a thread that wants much more inside them has gone wrong. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

/** A thread that goes on for so long after an abort has gone wrong: it is ended, and another takes its place. */
const ABORT_PATIENCE_MS = 10_000;

export interface EngineOptions {
  /** 1 or more; by default as many as the machine runs at once */
  readonly threads?: number;
  /** whether its threads give way to whatever else the machine has to do: where a service answers while it draws, drawing may wait */
  readonly isBackground?: boolean;
}

/**
 * An engine on a pool of threads, which warm up while they start; ready when one of them has drawn something.
 * @throws when the kernel is not built or threads do not start
 */
export async function createEngine({
  threads = availableParallelism(),
  isBackground = false,
}: EngineOptions = {}): Promise<Engine> {
  const engine = new PooledEngine(await openPool(threads, THREAD_FILE, isBackground));
  try {
    // The pool goes quiet when its threads fail as they start: without this, the first order would wait for ever.
    await engine.renderBand(WARM_UP, { rows: { firstRow: 0, lastRow: 1 }, mirror: null });
    return engine;
  } catch (cause) {
    await engine[Symbol.asyncDispose]();
    throw new Error('The threads that draw do not start.', { cause });
  }
}

/** The threads of an engine. One that dies is replaced. @param threadFile exports what thread.ts does */
export async function openPool(
  threads: number,
  threadFile = THREAD_FILE,
  isBackground = false,
): Promise<Piscina<RenderTask, RenderedBand | null>> {
  const data: ThreadData = { kernel: await loadKernel(), isBackground };
  return new Piscina({
    filename: threadFile.href,
    name: 'render',
    minThreads: threads,
    maxThreads: threads,
    workerData: data,
    resourceLimits: THREAD_LIMITS,
    recordTiming: false,
  });
}

/** Draws on the threads of a pool, which it owns. */
export class PooledEngine implements Engine {
  readonly version = ENGINE_VERSION;
  readonly threads: number;
  readonly #pool: Piscina<RenderTask, RenderedBand | null>;
  readonly #abortPatienceMs: number;
  #closed: Promise<void> | null = null;

  constructor(pool: Piscina<RenderTask, RenderedBand | null>, abortPatienceMs = ABORT_PATIENCE_MS) {
    this.#pool = pool;
    this.#abortPatienceMs = abortPatienceMs;
    this.threads = pool.options.maxThreads;
    // A thread that dies while it has no task: nobody waits for it, and the pool has replaced it.
    pool.on('error', () => undefined);
  }

  async renderBand(spec: Spec, band: Band, signal?: AbortSignal): Promise<RenderedBand> {
    // Here and not only on the thread: a Fault that crosses threads is a plain Error.
    checkBand(spec, band);
    signal?.throwIfAborted();
    if (this.#closed) throw new Fault('unavailable', 'The engine is closed.');
    const state = new TaskState();
    const { promise: dropped, reject: drop } = Promise.withResolvers<never>();
    const hardEnd = new AbortController();
    let patience: NodeJS.Timeout | undefined;
    const running = this.#run({ spec, band, state: state.shared }, state, hardEnd.signal).finally(() => clearTimeout(patience));
    // A running thread is waited for: it ends within a slice. (The pool's own way to abort ends the whole thread.)
    const onAbort = () => {
      patience = setTimeout(() => hardEnd.abort(), this.#abortPatienceMs).unref();
      if (state.abort()) drop(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const rendered = await Promise.race([running, dropped]);
      if (rendered) return rendered;
      throw signal?.reason;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async renderThumbnail(spec: Spec, signal?: AbortSignal): Promise<Thumbnail> {
    let bandsMs = 0;
    const renderBand: Engine['renderBand'] = async (...args) => {
      const band = await this.renderBand(...args);
      bandsMs += band.renderMs;
      return band;
    };
    const pieces: Uint8Array[] = [];
    for await (const piece of drawPng({ threads: this.threads, renderBand }, createPngFrame(), thumbnailSpec(spec), signal)) {
      pieces.push(piece.slice());
    }
    const encoding = performance.now();
    const bytes = await encodeThumbnail(Buffer.concat(pieces));
    return { bytes, renderMs: bandsMs + performance.now() - encoding };
  }

  /** Null when it was aborted. */
  async #run(task: RenderTask, state: TaskState, hardEnd: AbortSignal): Promise<RenderedBand | null> {
    try {
      return await this.#pool.run(task, { signal: hardEnd });
    } catch (error) {
      if (hardEnd.aborted) return null;
      // An error of the code on the thread comes after the thread's last word; without that word, the thread is dead.
      if (state.ended) throw error;
      throw new Fault('unavailable', 'The thread that drew this band ended before its time.', { cause: error });
    }
  }

  /** Ends the threads at once; bands in work reject with a Fault `unavailable`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#pool.destroy();
    return this.#closed;
  }
}
