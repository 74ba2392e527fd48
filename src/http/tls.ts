import type { Server } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';

/** A certificate with its chain, and its private key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** How long a client may take to agree on TLS. */
const HANDSHAKE_MS = 10_000;
const PROTOCOL = { minVersion: 'TLSv1.2' } as const;

/** The certificate that servers show, which can be renewed while they run: connections that are there already keep the old one. */
export class Tls {
  readonly #servers = new Set<Server>();
  #certificate: Certificate;
  #context: SecureContext;

  /** @throws what OpenSSL says when they do not fit */
  constructor(certificate: Certificate) {
    this.#certificate = certificate;
    this.#context = createSecureContext({ ...certificate, ...PROTOCOL });
  }

  /** For a new server. */
  get options() {
    return {
      ...this.#certificate,
      ...PROTOCOL,
      handshakeTimeout: HANDSHAKE_MS,
      // A server on localhost listens to two addresses with two servers, of which fastify hands one out: by its name both show the new certificate.
      SNICallback: (_name: string, done: (error: null, context: SecureContext) => void) => done(null, this.#context),
    };
  }

  /** The server shows what is renewed. */
  serve(server: Server): void {
    this.#servers.add(server);
    server.on('close', () => this.#servers.delete(server));
  }

  /** @throws what OpenSSL says when they do not fit; then all stays as it was */
  renew(certificate: Certificate): void {
    this.#context = createSecureContext({ ...certificate, ...PROTOCOL });
    this.#certificate = certificate;
    for (const server of this.#servers) server.setSecureContext({ ...certificate, ...PROTOCOL });
  }
}
