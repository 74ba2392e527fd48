import { type CarryOutParts, carryOut } from '../actions/cloud/carry-out.ts';
import { type FoundDeployment, findDeployment } from '../actions/cloud/find-deployment.ts';
import type { CloudProject } from '../domain/cloud-resources.ts';
import type { DeploymentPlan } from '../domain/deployment.ts';
import { Fault } from '../domain/fault.ts';
import type { Cloud } from '../openstack/clouds.ts';
import { awaitService, enrolTokenAt } from './cloud-service.ts';
import { type DeploymentState, readState, statePath, writeState } from './cloud-state.ts';
import { CloudWatch } from './cloud-watch.ts';
import { interruptible } from './interrupt.ts';
import { complain } from './run.ts';

/** A deployment's name in a project, with what is kept of it here. */
export interface CloudSite {
  readonly name: string;
  readonly cloud: Cloud;
  readonly project: CloudProject;
  /** where its state is kept */
  readonly path: string;
  /** null: it was not brought up from here */
  readonly state: DeploymentState | null;
  find(): Promise<FoundDeployment>;
}

export async function openSite(name: string, { cloud, project }: { cloud: Cloud; project: CloudProject }): Promise<CloudSite> {
  const path = statePath(await project.projectId(), name);
  return { name, cloud, project, path, state: await readState(path), find: () => findDeployment(project, name) };
}

/** @throws {Fault} `not_found` with what to do, when the secrets of a deployment are not here */
export function stateOf({ name, path, state }: CloudSite): DeploymentState {
  if (state !== null) return state;
  throw new Fault(
    'not_found',
    `What is kept of the deployment ${name} is not here: copy ${path} from where it was brought up (docs/openstack.md says how to get it back).`,
  );
}

/**
 * Carries a plan out under the eyes of whoever sits here. When that ends early, it is said what was made.
 * @param patienceS how long the service may take to answer
 * @returns the address of the service
 */
export async function carryOutHere(
  site: CloudSite,
  plan: DeploymentPlan,
  state: DeploymentState,
  { patienceS, signal }: { readonly patienceS: number; readonly signal: AbortSignal },
): Promise<string> {
  await writeState(site.path, state);
  using watch = new CloudWatch(plan);
  const parts: CarryOutParts = {
    project: site.project,
    secrets: state.secrets,
    storeVariables: (credentialId) => storeVariables(site.cloud, credentialId, state.secrets.storePassword),
    noteKeyPair: (keyPair) => writeState(site.path, { ...state, keyPair }),
    awaitService: (address) => awaitService(address, patienceS, signal),
    enrolToken: (address) =>
      enrolTokenAt(address, { adminToken: state.secrets.adminToken, name: `worker-of-${site.name}`, signal }),
    signal,
  };
  try {
    return await interruptible(signal, carryOut(plan, parts, watch));
  } catch (error) {
    watch[Symbol.dispose]();
    const made = watch.made.length === 0 ? 'Nothing was made' : `Made until now: ${watch.made.join(', ')}`;
    const away = site.name === 'faafo' ? 'faafo cloud down' : `faafo cloud down --name ${site.name}`;
    complain(`${made}. The same command goes on from here; ${away} takes everything away.`);
    throw error;
  }
}

/** How a guest reaches Swift: with a credential of its own, at the address that is used here. */
function storeVariables({ auth, regionName, interface: face }: Cloud, id: string, secret: string): Record<string, string> {
  return {
    OS_AUTH_TYPE: 'v3applicationcredential',
    OS_AUTH_URL: auth.auth_url!,
    OS_APPLICATION_CREDENTIAL_ID: id,
    OS_APPLICATION_CREDENTIAL_SECRET: secret,
    OS_INTERFACE: face,
    ...(regionName !== undefined && { OS_REGION_NAME: regionName }),
  };
}
