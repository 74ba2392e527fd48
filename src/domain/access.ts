/** What a token lets its holder do; see src/http/access-table.ts. */
export const ROLES = ['viewer', 'creator', 'worker', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What an enrolment token can be exchanged for: the least that there is. */
export const ENROLLED_ROLES = ['worker'] as const satisfies readonly Role[];
/** How often an enrolment token may be exchanged at most. */
export const MOST_USES = 10_000;
/** Where an enrolment token is put others may read it as well: it is not good for long. Thirty days. */
export const LONGEST_ENROLMENT_MS = 30 * 86_400_000;

/** What callers who show no token may do, where access is closed. */
export const ANONYMOUS_ROLES = ['none', 'viewer', 'creator'] as const;
export type AnonymousRole = (typeof ANONYMOUS_ROLES)[number];

/** Who may look at everything; who may order, and change what is theirs; who may do what concerns everybody. */
export const MAY_LOOK: readonly Role[] = ['viewer', 'creator', 'admin'];
export const MAY_ORDER: readonly Role[] = ['creator', 'admin'];
export const MAY_ADMINISTER: readonly Role[] = ['admin'];

/** Who asks. */
export interface Identity {
  /** null when nobody has shown who it is */
  readonly name: string | null;
  /** `everybody`: access is open, all may do everything */
  readonly role: Role | 'none' | 'everybody';
}

export const EVERYBODY: Identity = { name: null, role: 'everybody' };

export const anonymous = (role: AnonymousRole): Identity => ({ name: null, role });

/** 1 to 63 characters that need no quoting anywhere, beginning with a letter; `me` stands for the caller. */
const NAME = /^(?!me$)[A-Za-z][\w.@-]{0,62}$/;
export const NAME_RULE =
  'must be 1 to 63 letters, digits and . _ @ - (the first a letter), and not "me", which stands for whoever asks';

export const isIdentityName = (text: string): boolean => NAME.test(text);

const LONGEST_NAME = 63;

/** The name of an enrolled worker: as much of its host's as a name can hold, and the id of its token, so that it is nobody else's. */
export function enrolledName(host: string, tokenId: string): string {
  const stem = host.replace(/[^\w.@-]+/g, '-').replace(/^[^A-Za-z]+/, '');
  return `${stem.slice(0, LONGEST_NAME - tokenId.length - 1) || 'worker'}-${tokenId}`;
}

/** Whether somebody may use what is there for these roles. */
export const hasRole = (roles: readonly Role[], { role }: Identity): boolean =>
  role === 'everybody' || roles.some((each) => each === role);

/** Whether somebody may cancel, retry and delete what belongs to `owner`. What was ordered without a name belongs to nobody: that is for admins. */
export function mayChange({ name, role }: Identity, owner: string | null): boolean {
  return role === 'everybody' || role === 'admin' || (name !== null && name === owner);
}

/** Under which name the work that somebody has outstanding is added up. No name of an identity begins with @, nor does an address. */
export const clientOf = ({ name }: Identity, address: string): string => (name === null ? address : `@${name}`);

/** What decides whether access is open. */
export interface Exposure {
  /** the service listens on a loopback address alone, and trusts no proxy that would bring others there */
  readonly isPrivate: boolean;
  /** whether a token was ever made; one that has expired or was revoked still counts, for access never opens by itself */
  readonly tokensExist: boolean;
}

/** `open`: everybody may do everything, as on the machine of whoever tries it out. `closed`: by roles. */
export const accessMode = ({ isPrivate, tokensExist }: Exposure): 'open' | 'closed' =>
  isPrivate && !tokensExist ? 'open' : 'closed';
