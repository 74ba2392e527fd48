import type { CloudFloatingIp, CloudGroup, CloudServer } from '../../domain/cloud-resources.ts';

/** The deployment of those who name none: its instances and groups have the names of the documents. */
export const DEFAULT_NAME = 'faafo';
const NAME = /^[a-z][a-z0-9-]{0,29}$/;
export const NAME_RULE = 'must be 1 to 30 small letters, digits and hyphens, the first a letter';

export const isDeploymentName = (text: string): boolean => NAME.test(text);

/** Of instances, groups and so on: as documented, with the deployment's name in front where that is another. */
export const nameIn = (deployment: string, name: string): string =>
  deployment === DEFAULT_NAME ? name : `${deployment}-${name}`;

/** For what has tags. */
export const tagOf = (deployment: string): string => `faafo-deployment=${deployment}`;
/** For servers, which have metadata. */
export const DEPLOYMENT_KEY = 'faafo-deployment';
export const KIND_KEY = 'faafo-kind';

/** A thing is marked by its description from its first moment on, which a tag that is put on afterwards cannot do. */
export const descriptionOf = (deployment: string, what: string): string => `${beginning(deployment)}${what}`;
const beginning = (deployment: string): string => `faafo deployment ${deployment}: `;

/** Whether a group or a floating IP belongs to a deployment. */
export const isMarked = (
  deployment: string,
  { description, tags }: Pick<CloudGroup | CloudFloatingIp, 'description' | 'tags'>,
): boolean => tags.includes(tagOf(deployment)) || description.startsWith(beginning(deployment));

export const isOf = (deployment: string, { metadata }: CloudServer): boolean => metadata[DEPLOYMENT_KEY] === deployment;

/** Of the password by which an API reaches Swift; names are unique to a user. */
export const credentialName = (deployment: string): string => `faafo-${deployment}`;
