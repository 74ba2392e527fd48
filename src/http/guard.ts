import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TokenTeller } from '../actions/authenticate.ts';
import { type AnonymousRole, accessMode, anonymous, EVERYBODY, hasRole, type Identity } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import { type Rights, rightsOf } from './access-table.ts';
import { bearerProof, type FailureWatch, type Proof } from './bearer.ts';
import { refusals } from './refusals.ts';

/** How often it is looked whether a long answer may go on: with what is believed about a token, well under 5 s. */
const LOOK_AGAIN_MS = 2_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** who may use the route: the guard writes it, from the table, and believes nobody else */
    rights?: Rights;
    /** the route only answers that its method is not possible: it is for everybody, in no table, and changes nothing */
    isRefusal?: true;
  }
  interface FastifyRequest {
    /** who asks; on routes for everybody nobody is asked who it is */
    identity: Identity;
  }
}

export interface AccessOptions {
  readonly teller: TokenTeller;
  /** whether nobody but this machine can reach the server: see Exposure */
  readonly isPrivate: boolean;
  /** what those may do who show no token, where access is closed */
  readonly anonymous: AnonymousRole;
  readonly failures?: FailureWatch;
  /** other ways than a token to show who one is, in the order in which they are tried after it */
  readonly proofs?: readonly Proof[];
}

/** Judges requests by what they show at this moment. */
export interface Guard {
  /** Whether access is open or closed at this moment. @throws {Fault} `unavailable` */
  mode(): Promise<'open' | 'closed'>;
  /** Who asks, by what is shown. @throws {Fault} `unauthenticated`, `unavailable`; `denied` and `gone` for a signed link */
  identify(request: FastifyRequest): Promise<Identity>;
  /** Whoever shows nothing, where access is closed. */
  stranger(): Identity;
  /** Notes who asks. @throws {Fault} `unauthenticated`, `denied`, `unavailable` */
  admit(request: FastifyRequest): Promise<void>;
  /** Aborts when `end` does, or when who asks may no longer: a token was revoked, has expired, or access was closed. For answers that take long. */
  whileAdmitted(request: FastifyRequest, end: AbortSignal): AbortSignal;
}

/** Lets nobody use a route who may not. Call before the routes are added: one that is not in the table cannot be. */
export function guardRoutes(app: FastifyInstance, options: AccessOptions): Guard {
  const proofs = [bearerProof(options.teller, options.failures), ...(options.proofs ?? [])];
  const mode = async () => accessMode({ isPrivate: options.isPrivate, tokensExist: await tokensExist(options) });
  const stranger = () => anonymous(options.anonymous);

  const identify = async (request: FastifyRequest): Promise<Identity> => {
    const isOpen = (await mode()) === 'open';
    try {
      for (const proof of proofs) {
        const identity = await proof(request);
        if (identity) return identity;
      }
    } catch (error) {
      // Where no token was ever made, one for another service does no harm.
      if (!(isOpen && error instanceof Fault && (error.code === 'unauthenticated' || error.code === 'busy'))) throw error;
    }
    return isOpen ? EVERYBODY : stranger();
  };

  const admit = async (request: FastifyRequest): Promise<void> => {
    const { rights = 'public' } = request.routeOptions.config;
    const identity = rights === 'public' ? NOBODY : await identify(request);
    // Also when it may not: the audit names it.
    request.identity = identity;
    if (rights === 'public' || hasRole(rights, identity)) return;
    throw identity.name === null ? needsToken(identity, rights) : mayNot(identity, rights);
  };

  app.decorateRequest('identity');
  app.addHook('onRoute', (route) => {
    const { method, url, config, schema } = route;
    const [rights = 'public'] = config?.isRefusal ? [] : [method].flat().map((each) => rightsOf(each, url));
    route.config = { ...config, rights };
    if (rights === 'public' || schema?.hide) return;
    const response = {
      ...(schema?.response as object),
      ...refusals.unauthenticated,
      ...refusals.denied,
      ...refusals.busy,
      ...refusals.unavailable,
    };
    route.schema = { ...schema, security: [{ token: [] }], response };
  });
  app.addHook('onRequest', admit);

  return {
    mode,
    identify,
    stranger,
    admit,
    whileAdmitted(request, end) {
      const ended = new AbortController();
      const timer = setInterval(() => {
        admit(request).catch((error) => {
          // A database that is away says nothing about a token.
          if (error instanceof Fault && error.code !== 'unavailable' && error.code !== 'busy') ended.abort(error);
        });
      }, LOOK_AGAIN_MS);
      const signal = AbortSignal.any([end, ended.signal]);
      const stop = () => clearInterval(timer);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      return signal;
    },
  };
}

const tokensExist = async ({ isPrivate, teller }: AccessOptions): Promise<boolean> => (isPrivate ? await teller.exist() : true);

/** Whom nobody has asked. */
const NOBODY = anonymous('none');

const inWords = (rights: Rights): string => (rights === 'public' ? 'everybody' : rights.join(' or '));

const needsToken = ({ role }: Identity, rights: Rights): Fault =>
  new Fault(
    'unauthenticated',
    `${role === 'none' ? 'Access is closed' : `Without a token you are a ${role} here`}: this needs the token of a ${inWords(rights)}.`,
  );

const mayNot = ({ name, role }: Identity, rights: Rights): Fault =>
  new Fault('denied', `This is for the role ${inWords(rights)}; the token of ${name} has the role ${role}.`);
