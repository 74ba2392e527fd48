import { enrolledName } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Enrolled, Repository, StoredToken, TokenStanding } from '../domain/repository.ts';
import { hashAccessToken, judgeToken } from './access-token.ts';

/** A year, as tokens have that somebody makes. */
const LIFE_MS = 365 * 86_400_000;

/** A token that its holder has made, and whose secret nobody else learns. */
export interface OwnToken {
  readonly id: string;
  /** SHA-256 of the token, hex */
  readonly hash: string;
  /** name of the machine that it is for */
  readonly host: string;
}

/** Who was enrolled, or refused; `by` is the enrolment token, where that is known. */
export type Enrolment =
  | { readonly answer: 'enrolled' | 'again'; readonly by: StoredToken; readonly token: StoredToken }
  | { readonly answer: 'refused'; readonly by: StoredToken | null; readonly fault: Fault };

/**
 * Exchanges an enrolment token for the token that a worker has made for itself. The worker keeps its token before it asks: so an exchange whose answer is lost
 * is repeated, with the same token, and uses up nothing.
 * @param shown the enrolment token @returns its refusal rather than throw it, so that the audit can say who was refused
 */
export async function enrol({ tokens }: Pick<Repository, 'tokens'>, shown: string, own: OwnToken): Promise<Enrolment> {
  const form = judgeToken(shown);
  if (form !== 'enrolment') return { answer: 'refused', by: null, fault: refusal(FORMS[form]) };
  const { id, hash, host } = own;
  const enrolled = await tokens.enrol(hashAccessToken(shown), {
    ...{ id, hash, name: enrolledName(host, id), expiresInMs: LIFE_MS },
  });
  if (!('token' in enrolled))
    return { answer: 'refused', by: 'enrolment' in enrolled ? enrolled.enrolment : null, fault: refusalOf(enrolled, id) };
  const { answer, enrolment: by, token, standing } = enrolled;
  if (standing !== 'valid') return { answer: 'refused', by, fault: ended(token, standing) };
  return { answer, by, token };
}

const FORMS = {
  possible: 'This is no enrolment token, but one that is to be used as it is.',
  misspelt: 'This enrolment token is misspelt: its check digits do not fit. Copy it once more, as a whole.',
  foreign: 'This is no enrolment token of faafo: one begins with faafo_enrol_ and has 70 characters.',
} as const;

type Refused = Exclude<Enrolled, { readonly answer: 'enrolled' | 'again' }>;

function refusalOf(refused: Refused, id: string): Fault {
  switch (refused.answer) {
    case 'unknown':
      return refusal('This enrolment token is unknown here: it was made for another service.');
    case 'conflict':
      return new Fault('conflict', `There is another token ${id}.`, { field: 'id' });
    case 'used up':
      return refusal(`The enrolment token ${refused.enrolment.id} is used up: it was good for ${refused.enrolment.uses}.`);
    default:
      return refusal(`The enrolment token ${refused.enrolment.id} ${ENDS[refused.answer]}.`);
  }
}

const ENDS = { expired: 'has expired', revoked: 'was revoked' } as const;

const ended = ({ id }: StoredToken, standing: Exclude<TokenStanding, 'valid'>): Fault =>
  new Fault('unauthenticated', `This worker was enrolled before, and its token ${id} ${ENDS[standing]}.`, {
    members: { token_id: id },
  });

const refusal = (message: string): Fault => new Fault('unauthenticated', message);
