import { openKernel } from '../../../src/kernel/kernel.ts';
import { Desk } from './desk.ts';
import type { Answer, ColourJob, DrawJob, ToWorker } from './job.ts';

/*
 * What runs on each worker: one kernel, one job after the other. Between slices it listens, so that what is wanted no more ends within milliseconds.
 */

const LISTEN_EVERY_MS = 6;

const waiting: (DrawJob | ColourJob)[] = [];
const cancelled = new Set<number>();
/** Those of formulas that were shown so far. */
const modules: Record<string, WebAssembly.Module> = {};
let desk: Desk | null = null;
let isBusy = false;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case 'modules':
      Object.assign(modules, data.modules);
      desk ??= new Desk(openKernel(modules, data.gradients && { gradients: data.gradients }));
      break;
    case 'cancel':
      for (const id of data.ids) cancelled.add(id);
      break;
    case 'drop':
      desk?.drop(data.keys);
      break;
    default:
      waiting.push(data);
  }
  if (desk && !isBusy) void workOff(desk);
});

async function workOff(at: Desk): Promise<void> {
  isBusy = true;
  for (let job = waiting.shift(); job; job = waiting.shift()) {
    const answer = await answerTo(job, at);
    cancelled.delete(job.id);
    postMessage(answer, { transfer: answer.image ? [answer.image] : [] });
  }
  isBusy = false;
}

async function answerTo(job: DrawJob | ColourJob, at: Desk): Promise<Answer> {
  const began = performance.now();
  const { id } = job;
  try {
    const drawn = job.kind === 'colour' ? recoloured(job, at) : await drawnOf(job, at);
    const image = drawn && (await createImageBitmap(drawn));
    return { id, image, ms: performance.now() - began };
  } catch (error) {
    return { id, image: null, ms: performance.now() - began, error: String(error) };
  }
}

function recoloured({ id, key, colours }: ColourJob, at: Desk): ImageData | null {
  const kept = cancelled.has(id) ? undefined : at.sizeOf(key);
  const pixels = kept && at.colour(key, colours);
  return pixels ? new ImageData(pixels, kept.width, kept.height) : null;
}

/** Null when it was cancelled. */
async function drawnOf({ id, spec, whole, grid, key }: DrawJob, at: Desk): Promise<ImageData | null> {
  const drawing = at.draw(spec, whole, key, grid);
  for (let listened = performance.now(); ; ) {
    if (cancelled.has(id)) return null;
    const { done, value } = drawing.next();
    if (done) return new ImageData(value, spec.width, spec.height);
    if (performance.now() - listened < LISTEN_EVERY_MS) continue;
    await nextMessages();
    listened = performance.now();
  }
}

const { port1, port2 } = new MessageChannel();
let goOn: () => void = () => undefined;
port1.onmessage = () => goOn();

/** Lets messages in that have come meanwhile; timers would take at least 4 ms. */
function nextMessages(): Promise<void> {
  return new Promise((resolve) => {
    goOn = resolve;
    port2.postMessage(null);
  });
}
