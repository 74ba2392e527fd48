import type { CloudProject, CloudServer } from '../../domain/cloud-resources.ts';
import type { DeploymentPlan, DeploymentSecrets, PlanStep } from '../../domain/deployment.ts';
import { type FoundDeployment, findDeployment } from './find-deployment.ts';
import { doStep } from './steps.ts';

/** What a plan is carried out with. */
export interface CarryOutParts {
  readonly project: CloudProject;
  readonly secrets: DeploymentSecrets;
  /** variables by which a guest reaches Swift with a credential of that id */
  storeVariables(credentialId: string): Readonly<Record<string, string>>;
  /** Noted before a key pair is made: nothing on it says whose it is. */
  noteKeyPair(name: string): Promise<void>;
  /** Resolves when the service answers at an address. @throws {Fault} after a while, with what was the matter */
  awaitService(address: string, signal: AbortSignal): Promise<void>;
  /** A token with which one worker enrols at the service there. */
  enrolToken(address: string): Promise<string>;
  readonly signal: AbortSignal;
  /** how often a server is asked after */
  readonly pollMs?: number;
}

export type StepOutcome = 'made' | 'there';

/** Is told of every step when it begins, and when it has ended. */
export interface StepWatcher {
  begins(step: PlanStep): void;
  ended(step: PlanStep, outcome: StepOutcome): void;
}

/** What steps tell those after them. */
export interface Progress {
  found: FoundDeployment;
  /** by the names of hosts */
  readonly servers: Map<string, CloudServer>;
  /** by their names */
  readonly groupIds: Map<string, string>;
  credentialId: string | null;
  entryAddress: string | null;
}

/**
 * Makes what a plan needs and is not there yet. It may be interrupted anywhere, also by the end of the process: carried out again, it goes on.
 * @returns the address at which the service is
 * @throws {Fault} of the step that failed; what was made before stays
 */
export async function carryOut(plan: DeploymentPlan, parts: CarryOutParts, watcher: StepWatcher): Promise<string> {
  const progress: Progress = {
    found: await findDeployment(parts.project, plan.wish.name),
    servers: new Map(),
    groupIds: new Map(),
    credentialId: null,
    entryAddress: null,
  };
  for (const step of plan.steps) {
    parts.signal.throwIfAborted();
    watcher.begins(step);
    watcher.ended(step, await doStep(step, plan, parts, progress));
  }
  return progress.entryAddress!;
}
