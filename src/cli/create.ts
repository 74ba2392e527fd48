import { type Command, Option } from 'commander';
import { parseFractalId } from '../domain/ids.ts';
import type { FractalResource, OrderBody } from '../http/schemas.ts';
import { type Drawn, drawPicture, drawValue, RANGES, type Wish } from './draw-order.ts';
import { RECORD_COLUMNS } from './fractal-columns.ts';
import { positiveInteger, real } from './numbers.ts';
import { orderAll } from './order-all.ts';
import { addFormatOptions, type Column, type FormatOptions, formatList } from './output.ts';
import { addPictureOptions, basisOf, changed, givenFields, type PictureOptions, resized } from './picture-options.ts';
import { openSession } from './session.ts';
import { UsageError } from './usage-error.ts';
import { waitFor } from './wait-for.ts';

const HELP = `
Without options it orders 1 to 10 fractals, every value drawn at random from its
range. --preset and --like order one picture as it is, but for what is given
beside them; one side alone keeps its shape, two sides of another shape show
more of it. The uuids are printed as soon as the orders are safe.

Examples:
  $ faafo create
  $ faafo create --tasks 1 --wait
  $ faafo create --width 9999 --height 9999 --tasks 5
  $ faafo create --tasks 1 --xa -2 --xb 2 --ya -1.5 --yb 1.5 --c-re -0.8 --c-im 0.156
  $ faafo create --preset seahorse-valley --width 3000
  $ faafo create --like picture.png --palette magma
  $ faafo create --tasks 3 --min-width 800 --max-width 900 -f json
`;

const DESCRIPTIONS: Readonly<Record<Drawn, string>> = {
  tasks: 'how many fractals',
  width: 'pixels',
  height: 'pixels',
  iterations: 'the most steps for a pixel',
  xa: 'real part of the left edge',
  xb: 'real part of the right edge',
  ya: 'imaginary part of the upper edge',
  yb: 'imaginary part of the lower edge',
};
const BOUNDS = 'Bounds for what is drawn at random, in either order:';
const DRAWN = Object.keys(RANGES) as readonly Drawn[];
const PARSERS: Readonly<Partial<Record<Drawn, (text: string) => number>>> = {
  tasks: positiveInteger,
  width: positiveInteger,
  height: positiveInteger,
  iterations: positiveInteger,
};

interface CreateOptions extends FormatOptions, PictureOptions {
  readonly uuid?: string;
  readonly wait?: boolean;
}

export function addCreate(program: Command): void {
  const command = program.command('create').description('order fractals');
  for (const name of DRAWN) addDrawnOptions(command, name);
  command
    .option('--uuid <uuid>', 'the uuid of the fractal; only with one task')
    .option('--wait', 'wait until they are drawn; exit status 1 when any is not');
  addFormatOptions(addPictureOptions(command))
    .addHelpText('after', HELP)
    .action(async (options: CreateOptions, self: Command) => create(options, readWishes(self), self));
}

function addDrawnOptions(command: Command, name: Drawn): void {
  const parse = PARSERS[name] ?? real;
  const [from, to] = RANGES[name];
  const add = (flag: string, text: string): Option => new Option(`--${flag} <number>`, text).argParser(parse);
  command
    .addOption(add(name, `${DESCRIPTIONS[name]} (default: drawn from ${from} to ${to})`))
    .addOption(add(`min-${name}`, `(default: ${from})`).helpGroup(BOUNDS))
    .addOption(add(`max-${name}`, `(default: ${to})`).helpGroup(BOUNDS));
}

function readWishes(command: Command): Record<Drawn, Wish> {
  const values = command.opts<Record<string, number | undefined>>();
  const capital = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const wish = (name: Drawn): Wish => ({
    value: values[name],
    min: values[`min${capital(name)}`],
    max: values[`max${capital(name)}`],
  });
  return Object.fromEntries(DRAWN.map((name) => [name, wish(name)])) as Record<Drawn, Wish>;
}

async function create(options: CreateOptions, wishes: Record<Drawn, Wish>, command: Command): Promise<void> {
  const bodies = drawBodies(options, wishes, await basisOf(options));
  const columns = chooseColumns(options);
  const session = await openSession(command);
  session.note(`generating ${bodies.length} task(s)`);
  const plain = options.format === undefined && options.column.length === 0;
  const ordered = await orderAll(session, bodies, ({ uuid }) => void (plain && process.stdout.write(`${uuid}\n`)));
  if (!options.wait) {
    if (!plain) process.stdout.write(await formatList(ordered, columns, options));
    return;
  }
  const failure = await waitFor(
    session,
    ordered.map(({ uuid }) => uuid),
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  session.signal.throwIfAborted();
  if (!plain) process.stdout.write(await formatList(await lookAgain(session.client, ordered), columns, options));
  if (failure) throw failure;
}

/** After the wait, fractals as they are now; one that was deleted meanwhile as it was ordered. */
async function lookAgain(client: { find(uuid: string): Promise<FractalResource> }, ordered: readonly FractalResource[]) {
  return Promise.all(ordered.map((fractal) => client.find(fractal.uuid).catch(() => fractal)));
}

function drawBodies(
  options: CreateOptions,
  wishes: Record<Drawn, Wish>,
  basis: OrderBody | null,
): (OrderBody & { uuid: string })[] {
  const { uuid } = options;
  const isOne = uuid !== undefined || basis !== null;
  const tasks = isOne ? (wishes.tasks.value ?? 1) : drawValue('tasks', wishes.tasks, Math.random);
  if (uuid !== undefined && tasks > 1) throw new UsageError('--uuid names one fractal: leave --tasks out.');
  const given = givenFields(options);
  const draw = (): OrderBody => {
    if (!basis) return { ...drawPicture(wishes, Math.random), ...given };
    const { width, height } = wishes;
    const fixed = DRAWN.filter((name) => !['tasks', 'width', 'height'].includes(name) && wishes[name].value !== undefined);
    const values = Object.fromEntries(fixed.map((name) => [name, wishes[name].value]));
    return changed(resized(basis, { width: width.value, height: height.value }), { ...values, ...given });
  };
  return Array.from({ length: tasks }, () => ({
    ...draw(),
    uuid: uuid === undefined ? crypto.randomUUID() : checkUuid(uuid),
  }));
}

function checkUuid(text: string): string {
  try {
    return parseFractalId(text);
  } catch (cause) {
    throw new UsageError(`--uuid: ${(cause as Error).message}`, { cause });
  }
}

/** The uuid alone, and how it ended after a wait; everything else on request. */
function chooseColumns({ wait }: CreateOptions): readonly Column<FractalResource>[] {
  return RECORD_COLUMNS.map((column) => ({ ...column, hidden: column.name !== 'uuid' && !(wait && column.name === 'state') }));
}
