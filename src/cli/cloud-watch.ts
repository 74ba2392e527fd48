import type { StepOutcome, StepWatcher } from '../actions/cloud/carry-out.ts';
import { describeStep } from '../actions/cloud/plan-deployment.ts';
import type { DeploymentPlan, PlanStep } from '../domain/deployment.ts';

const TICK_MS = 1_000;

/** Tells of steps on stderr: a line for each that has ended, and on a terminal one that moves for the step in work. */
export class CloudWatch implements StepWatcher, Disposable {
  readonly #plan: DeploymentPlan;
  readonly #made: string[] = [];
  readonly #total: number;
  #count = 0;
  #began = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(plan: DeploymentPlan) {
    this.#plan = plan;
    this.#total = plan.steps.length;
  }

  /** what was made until now, for people */
  get made(): readonly string[] {
    return this.#made;
  }

  begins(step: PlanStep): void {
    this.#count++;
    this.#began = performance.now();
    if (!process.stderr.isTTY) return;
    const draw = () => {
      const line = `${this.#position()} ${this.#text(step)} … ${this.#seconds()} s`;
      process.stderr.write(`\r${line.slice(0, Math.max(20, process.stderr.columns - 1))}\x1b[K`);
    };
    draw();
    this.#ticking = setInterval(draw, TICK_MS);
  }

  ended(step: PlanStep, outcome: StepOutcome): void {
    this.#clear();
    const took = this.#seconds();
    const made = { 'key-pair': 'imported', boot: 'runs', ready: 'answers' } as Partial<Record<PlanStep['kind'], string>>;
    const said = step.kind === 'ready' ? 'answers' : outcome === 'there' ? 'is there' : (made[step.kind] ?? 'made');
    process.stderr.write(`${this.#position()} ${this.#text(step)}: ${said}${took > 0 ? ` (${took} s)` : ''}\n`);
    const { what, name } = describeStep(step, this.#plan);
    if (outcome === 'made' && !['boot', 'rule'].includes(step.kind)) this.#made.push(`${what} ${name}`);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#ticking === undefined) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    process.stderr.write('\r\x1b[K');
  }

  #position(): string {
    const width = String(this.#total).length;
    return `[${String(this.#count).padStart(width)}/${this.#total}]`;
  }

  #seconds(): number {
    return Math.round((performance.now() - this.#began) / 1000);
  }

  #text(step: PlanStep): string {
    const { what, name, how } = describeStep(step, this.#plan);
    return `${what} ${name}${how === '' || step.kind === 'server' ? '' : `, ${how}`}`;
  }
}
