import { Fault } from './fault.ts';

/** One call of a service of a cloud. */
export interface CloudRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** what comes behind the service's address in the catalogue, with its query; escaped */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** whole, so that the call can be made again */
  readonly body?: Uint8Array | string;
  /** statuses that the caller understands; every other one is a fault */
  readonly expected: readonly number[];
  /** It makes something: it is made again only where it was certainly not carried out. When nobody knows, LostAnswer is thrown. */
  readonly makes?: boolean;
  /** how long it may take to its first byte; half a minute by default */
  readonly timeoutMs?: number;
}

export interface CloudAnswer {
  readonly status: number;
  /** by names in lower case */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** In pieces that share memory with nobody. Read it to its end, or return() it. */
  readonly bytes: AsyncIterableIterator<Uint8Array>;
}

/** A call that makes something was sent, and there is no answer that says whether it was made. Look for it before it is made again. */
export class LostAnswer extends Fault {}

/** One service of a cloud, as its catalogue knows it. */
export interface CloudService extends AsyncDisposable {
  /**
   * Makes a call with a valid token. What may pass (a broken connection, 408, 429, 5xx, a token that is not known any more) is tried again, within seconds.
   * @throws {Fault} `unavailable`, in one line that names service, call and reason
   */
  send(request: CloudRequest): Promise<CloudAnswer>;
  /** id of the project that its token is for. @throws {Fault} `unavailable`, and `invalid` when it is for none */
  projectId(): Promise<string>;
}
