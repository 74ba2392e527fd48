import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { complaintOf, INTERIOR_PATTERN, ORDER_BOUNDS } from '../domain/bounds.ts';
import { formulaFacts } from '../domain/formulas.ts';
import { parseFractalId } from '../domain/ids.ts';
import { HARD_LIMITS } from '../domain/limits.ts';
import type { OrderRequest } from '../domain/parse-order.ts';
import { costOf, type Spec } from '../domain/spec.ts';
import type { OrderBody } from '../http/schemas.ts';
import { interruption } from './interrupt.ts';
import { positiveInteger, real } from './numbers.ts';
import { addPictureOptions, basisOf, changed, givenFields, type PictureOptions, resized, type Size } from './picture-options.ts';
import { ProgressBar } from './progress-bar.ts';
import { refuseUnwritable, replaceFile, writeAll } from './replace-file.ts';
import { UsageError } from './usage-error.ts';

const HELP = `
Draws on this machine, without a service. The picture carries how it was drawn:
--like draws it again, larger or in other colours: with nothing changed, the same
bytes. One side alone keeps its shape; two sides of another shape show more of it,
about the same centre. --xa, --xb, --ya and --yb are taken as they are.

Examples:
  $ faafo render --preset feathers -o feathers.png
  $ faafo render --like feathers.png --width 8000 --samples 2 -o poster.png
  $ faafo render --formula burning-ship --palette magma -o ship.png
`;

const DEFAULT_WIDTH = 1024;
const DEFAULT_HEIGHT = 768;
const DEFAULT_ITERATIONS = 500;
/** Nobody else waits for this machine: only what the engine itself cannot do is refused. */
const LIMITS = {
  maxSide: HARD_LIMITS.maxSide,
  maxIterations: HARD_LIMITS.maxIterations,
  maxCost: BigInt(HARD_LIMITS.maxSide) ** 2n * BigInt(HARD_LIMITS.maxIterations) * BigInt(HARD_LIMITS.maxSamples) ** 2n,
};
/** In steps: some 0.4 s on one thread at most. */
const SMALL_COST = 2n ** 30n;
/** What shade makes of a step, at most. */
const SHADED_STEPS = 4n;
/** A quick picture is there before a bar could be read. */
const BAR_AFTER_MS = 500;

type Window = Pick<OrderBody, 'xa' | 'xb' | 'ya' | 'yb'>;

interface RenderOptions extends PictureOptions, Size, Partial<Window> {
  readonly iterations?: number;
  readonly output: string;
  readonly threads?: number;
  readonly force?: boolean;
}

export function addRender(program: Command): void {
  const command = program.command('render').description('draw a picture on this machine');
  command
    .addOption(new Option('-o, --output <file.png>', 'where to write it; - means standard output').makeOptionMandatory())
    .option('--force', 'replace a file that is there')
    .option('--threads <number>', 'how many bands are drawn at a time (default: one per processor)', positiveInteger)
    .option('--width <number>', `pixels (default: ${DEFAULT_WIDTH})`, positiveInteger)
    .option('--height <number>', `pixels (default: ${DEFAULT_HEIGHT})`, positiveInteger)
    .option('--iterations <number>', `the most steps for a pixel (default: ${DEFAULT_ITERATIONS})`, positiveInteger);
  for (const [name, edge] of Object.entries({ xa: 'left', xb: 'right', ya: 'upper', yb: 'lower' })) {
    command.option(`--${name} <number>`, `the window's ${edge} edge (default: the formula's own window)`, real);
  }
  addPictureOptions(command)
    .addHelpText('after', HELP)
    .action(async (options: RenderOptions) => {
      const signal = interruption();
      const order = await orderFrom(options);
      await refuseOutput(options);
      await render(order, options, signal);
    });
}

/** What to draw: the basis, or the formula's own window with square pixels, and what was given over it. */
async function orderFrom(options: RenderOptions): Promise<OrderBody> {
  const { xa, xb, ya, yb, iterations } = options;
  const window = Object.fromEntries(Object.entries({ xa, xb, ya, yb, iterations }).filter(([, value]) => value !== undefined));
  const given = { ...givenFields(options), ...window };
  const basis = await basisOf(options);
  if (basis) return changed(resized(basis, options), given);
  const { viewport } = formulaFacts(options.formula ?? 'julia');
  const whole: OrderBody = { ...viewport, width: 4, height: 3, iterations: DEFAULT_ITERATIONS };
  const { width, height } = options;
  const isFree = width === undefined && height === undefined;
  const size = isFree ? { width: DEFAULT_WIDTH, height: DEFAULT_HEIGHT } : { width, height };
  return changed(resized(squared(whole), size), given);
}

/** A window's own shape as its picture's. */
const squared = (order: OrderBody): OrderBody => ({ ...order, width: order.xb - order.xa, height: order.yb - order.ya });

/** @throws {UsageError} in the words of the API */
function refuseBeyondBounds(body: OrderBody): void {
  for (const [name, bounds] of Object.entries(ORDER_BOUNDS)) {
    const value = body[name as keyof typeof ORDER_BOUNDS];
    const complaint = value === undefined ? null : complaintOf(value, bounds);
    if (complaint) throw new UsageError(`${name} ${complaint}.`);
  }
  if (body.interior !== undefined && !INTERIOR_PATTERN.test(body.interior)) {
    throw new UsageError('interior must be a colour like #1a2b3c.');
  }
}

async function refuseOutput({ output, force }: RenderOptions): Promise<void> {
  if (output === '-') {
    if (process.stdout.isTTY) throw new UsageError('a picture would only garble the terminal: name a file, or use a pipe.');
    return;
  }
  const there = await stat(output).catch(() => null);
  if (there?.isDirectory()) throw new UsageError(`${output} is a folder: name a file in it.`);
  if (there?.isFile() && !force) throw new UsageError(`${output} is there already: choose another name, or add --force.`);
}

/** Threads take longer to start than a small picture to draw. */
async function openEngine(opened: AsyncDisposableStack, spec: Spec, threads: number | undefined) {
  const cost = costOf(spec) * (spec.shade > 0 ? SHADED_STEPS : 1n);
  if (cost <= SMALL_COST) return (await import('../engine/inline-engine.ts')).createInlineEngine(spec);
  const { createEngine } = await import('../engine/engine.ts');
  return opened.use(await createEngine(threads === undefined ? {} : { threads }));
}

async function render(body: OrderBody, { output, threads }: RenderOptions, signal: AbortSignal): Promise<void> {
  // Loaded late: commands that only ask the service start without the weight of the engine.
  const [{ parseOrder }, { drawPng }, { createPngFrame }] = await Promise.all([
    import('../domain/parse-order.ts'),
    import('../engine/draw-png.ts'),
    import('../engine/png.ts'),
  ]);
  refuseBeyondBounds(body);
  const { uuid: _, xa, xb, ya, yb, c_re: cRe, c_im: cIm, formula = 'julia', palette = 'classic', ...same } = body;
  const request: OrderRequest = { ...same, formula, palette, viewport: { xa, xb, ya, yb }, cRe, cIm };
  const spec = parseOrder(parseFractalId(crypto.randomUUID()), request, LIMITS);
  const started = performance.now();
  await using opened = new AsyncDisposableStack();
  const engine = await openEngine(opened, spec, threads);
  using bar = new ProgressBar();
  const hash = createHash('sha256');
  let bytes = 0;
  const shown = (share: number): void => {
    if (performance.now() - started > BAR_AFTER_MS) bar.show(share, `${spec.width} x ${spec.height}`);
  };
  const draw = async (write: (piece: Uint8Array) => Promise<void>): Promise<void> => {
    for await (const piece of drawPng(engine, createPngFrame(), spec, signal, shown)) {
      hash.update(piece);
      bytes += piece.length;
      await write(piece);
    }
  };
  if (output === '-') {
    await draw(
      (piece) =>
        new Promise((resolve, reject) => {
          process.stdout.write(piece, (error) => (error ? reject(error) : resolve()));
        }),
    );
    return;
  }
  await replaceFile(output, (file) => draw((piece) => writeAll(file, piece))).catch(refuseUnwritable(output));
  bar.clear();
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  process.stdout.write(
    `${output}: ${spec.width} x ${spec.height} pixels, ${bytes} bytes, ${seconds} s, SHA-256 ${hash.digest('hex')}\n`,
  );
}
