import type { Role } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Repository } from '../domain/repository.ts';
import { hashAccessToken, judgeToken } from './access-token.ts';

/** How long what the database said is believed: a revoked token is refused everywhere a little later. */
const BELIEVED_MS = 2_000;
/** Of this many tokens; more are only tried by who guesses. */
const MOST_REMEMBERED = 10_000;

/** Whose token it is. */
export interface Holder {
  readonly name: string;
  readonly role: Role;
}

interface Belief {
  /** on the clock of performance.now() */
  until: number;
  readonly answer: Promise<Holder>;
}

/** Tells tokens, without asking the database for each request. */
export interface TokenTeller {
  /** Whose token this is. @throws {Fault} `unauthenticated`, saying what is wrong with it; `unavailable` */
  tell(token: string): Promise<Holder>;
  /** Whether to tell it is no guess: it was valid when the database was asked last, or that was a moment ago, for better or worse. */
  isKnown(token: string): boolean;
  /** Whether a token was ever made. Once it is so, it stays so. */
  exist(): Promise<boolean>;
  /** After tokens were made or revoked here: the database is asked again. */
  forget(): void;
}

export function tokenTeller({ tokens }: Pick<Repository, 'tokens'>, now: () => number = () => performance.now()): TokenTeller {
  const beliefs = new Map<string, Belief>();
  const valid = new Set<string>();
  let existence = { until: Number.NEGATIVE_INFINITY, answer: Promise.resolve(false) };
  let everExisted = false;

  const ask = async (hash: string, belief: { until: number }): Promise<Holder> => {
    const found = await tokens.find(hash);
    if (!found) throw refusal('This token is unknown here: it was made for another service, or copied wrongly.');
    const { id, name, role, standing, expiresInMs } = found;
    if (standing !== 'valid') throw refusal(`The token ${id} ${standing === 'revoked' ? 'was revoked' : 'has expired'}.`);
    if (expiresInMs !== null) belief.until = Math.min(belief.until, now() + expiresInMs);
    // Of no consequence when it cannot be noted.
    void tokens.touch(id).catch(() => undefined);
    return { name, role };
  };

  const believe = (hash: string): Promise<Holder> => {
    const known = beliefs.get(hash);
    if (known && known.until > now()) return known.answer;
    const belief = { until: now() + BELIEVED_MS, answer: undefined as unknown as Promise<Holder> };
    belief.answer = ask(hash, belief).then(
      (holder) => {
        valid.add(hash);
        if (valid.size > MOST_REMEMBERED) valid.delete(valid.values().next().value as string);
        return holder;
      },
      (error) => {
        if (isUnauthenticated(error)) valid.delete(hash);
        else beliefs.delete(hash);
        throw error;
      },
    );
    beliefs.delete(hash);
    beliefs.set(hash, belief);
    // Maps keep the order of insertion: the first is the oldest.
    if (beliefs.size > MOST_REMEMBERED) beliefs.delete(beliefs.keys().next().value as string);
    return belief.answer;
  };

  return {
    async tell(token) {
      const form = judgeToken(token);
      if (form === 'misspelt')
        throw refusal('This token is misspelt: its check digits do not fit. Copy it once more, as a whole.');
      if (form === 'enrolment')
        throw refusal(
          'This is an enrolment token: faafo-worker exchanges it for one of its own, and it is good for nothing else.',
        );
      if (form === 'foreign') throw refusal('This is no token of faafo: one begins with faafo_ and has 64 characters.');
      return await believe(hashAccessToken(token));
    },

    isKnown(token) {
      const hash = hashAccessToken(token);
      return valid.has(hash) || (beliefs.get(hash)?.until ?? 0) > now();
    },

    async exist() {
      if (everExisted) return true;
      if (existence.until <= now()) {
        existence = { until: now() + BELIEVED_MS, answer: tokens.exist() };
        existence.answer.catch(() => {
          existence.until = Number.NEGATIVE_INFINITY;
        });
      }
      everExisted ||= await existence.answer;
      return everExisted;
    },

    forget() {
      beliefs.clear();
      existence.until = Number.NEGATIVE_INFINITY;
    },
  };
}

const refusal = (message: string): Fault => new Fault('unauthenticated', message);

const isUnauthenticated = (error: unknown): boolean => error instanceof Fault && error.code === 'unauthenticated';
