/** One answer that was sent, or whose connection broke. */
export interface Answered {
  readonly method: string;
  /** as the route is declared, without uuids: /v1/fractal/:uuid */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Told what a server of ours answers. Never throws, and costs microseconds. */
export interface RequestObserver {
  answered(answer: Answered): void;
  /** Event streams that began (1) or ended (-1). */
  streams(change: 1 | -1): void;
}

/** A text that a Prometheus reads. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/** How the connections of one pool are used just now. */
export interface PoolUse {
  readonly pool: string;
  readonly used: number;
  readonly idle: number;
  /** callers that wait for a connection */
  readonly waiting: number;
}

/** A connection to the queue's server. */
export interface LinkState {
  readonly part: string;
  readonly isUp: boolean;
  /** the server takes no messages on it */
  readonly isBlocked: boolean;
}
