import type { Role } from './access.ts';
import type { Band, Cut } from './band.ts';
import type { Formula } from './formulas.ts';
import type { Fractal, Picture, Sums } from './fractal.ts';
import type { FractalId } from './ids.ts';
import type { Palette } from './palettes.ts';
import type { Spec } from './spec.ts';
import type { BandState, FractalState } from './states.ts';
import type { ObjectKey } from './store.ts';
import type { PoolUse } from './telemetry.ts';
import type { Traceparent } from './trace.ts';

/*
 * Where state lives: the ports that every database adapter implements and test/contract/repository.ts holds to their promises.
 * Each method is one transaction, durable when it resolves, but a power failure may undo claims of bands and takeDue. Every move is one conditional update: a refused move changes nothing.
 * Times are the database's own clock; "now" never comes from a caller.
 */

/** What is new each time a fractal is drawn from the beginning: when it is ordered, retried, or starts over with another engine. */
export interface Plan {
  readonly cut: Cut;
  /** points times iterations of one full band */
  readonly bandCost: number;
  readonly engineVersion: string;
  /** made for this very call, and never again: it also tells who came first under one uuid */
  readonly storeKey: string;
}

/** Why a fractal cannot be drawn any more. */
export interface Hopeless {
  /** for people, one sentence or two */
  readonly reason: string;
}

export interface NewFractal extends Plan {
  readonly id: FractalId;
  readonly spec: Spec;
  /** what it costs, in units of COST_UNIT points times iterations, rounded up */
  readonly cost: number;
  /** who ordered it, as far as one knows */
  readonly client: string;
  /** name of the identity that ordered it; null when it gave none */
  readonly owner: string | null;
  /** the client's span, or that of the order */
  readonly trace?: Traceparent | null;
}

/** Work that is ordered and not finished, in units of COST_UNIT. */
export interface Outstanding {
  readonly all: number;
  readonly ofClient: number;
}

/** Which part of a list; at most one of the last three. */
export interface ListPage {
  readonly limit: number;
  readonly beforeSeq?: number;
  readonly afterSeq?: number;
  readonly offset?: number;
}

export interface FractalFilter {
  readonly state?: FractalState;
  /** the beginning of a uuid, lower case */
  readonly idPrefix?: string;
  readonly owner?: string;
  readonly formula?: Formula;
  readonly palette?: Palette;
}

/** Whether what belongs to `owner` may be changed; judged in the transaction that changes it. */
export type MayChange = (owner: string | null) => boolean;

export interface FractalRepository {
  /** Writes the fractal, its bands (doorbells due) and the `ordered` event. An existing uuid is left as it is. */
  add(order: NewFractal): Promise<{ readonly added: boolean; readonly fractal: Fractal }>;
  find(id: FractalId): Promise<Fractal | null>;
  /**
   * Newest first; at most `limit`: those next before `beforeSeq`, or next after `afterSeq`, when given (keyset: its cost does not depend on how many are stored,
   * whatever the filter), else after skipping `offset`.
   */
  list(filter: FractalFilter, page: ListPage): Promise<Fractal[]>;
  /** How many there are, without counting them one by one (but for an idPrefix). */
  count(filter: FractalFilter): Promise<number>;
  /** Stops it and keeps the row. `refused` when it is final already, `denied` by `may`. */
  cancel(id: FractalId, may?: MayChange): Promise<'cancelled' | 'refused' | 'denied' | 'unknown'>;
  /** failed → queued, drawn again from the first band; with the engine version it had, it must have the bytes it had. `refused` in any other state, `denied` by `may`. */
  retry(id: FractalId, plan: Plan, may?: MayChange): Promise<'retried' | 'refused' | 'denied' | 'unknown'>;
  /**
   * done → queued, drawn again from the first band, because its stored picture is damaged; the picture becomes trash, its checksum is what the new one must have.
   * `refused` when it is not done, or has another picture.
   */
  redraw(id: FractalId, damaged: ObjectKey, plan: Plan): Promise<'redrawn' | 'refused' | 'unknown'>;
  /** done → failed, because its stored picture is damaged and cannot be had again. What is left of it stays in the store until it is deleted or retried. */
  condemn(id: FractalId, damaged: ObjectKey, reason: string): Promise<'condemned' | 'refused' | 'unknown'>;
  /** The blocks of a finished picture have got their checksums. False when it is no longer that picture. */
  addSums(id: FractalId, picture: ObjectKey, sums: Sums): Promise<boolean>;
  /** Finished ones in the order of orders, from the first behind that position. */
  finishedAfter(seq: number, limit: number): Promise<Fractal[]>;
  /** Costs the same however much is ordered. */
  outstanding(client: string): Promise<Outstanding>;
  /** Forgets clients of whom nothing is outstanding. */
  forgetClients(): Promise<void>;
  /** Takes the row away, in any state; its objects become trash in the same transaction. `denied` by `may`. */
  remove(id: FractalId, may?: MayChange): Promise<'removed' | 'denied' | 'unknown'>;
}

/** A worker's right to deliver one band, until it expires unless renewed. */
export interface LeaseKey {
  readonly fractal: FractalId;
  readonly band: number;
  readonly attempt: number;
  /** SHA-256 of the lease token; the token itself is never stored */
  readonly tokenHash: string;
  /** the span of its delivery, where that is traced */
  readonly trace?: Traceparent | null;
}

export interface BandClaim {
  readonly fractal: Fractal;
  readonly number: number;
  readonly band: Band;
  readonly attempt: number;
}

export interface BandResult {
  /** SHA-256 of the stored bytes, hex */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** where in the bytes the mirror run begins; sizeBytes without one */
  readonly split: number;
  /** Adler-32 of the first run's uncompressed PNG rows, unsigned */
  readonly adler: number;
  /** the same of the mirror run; 1 without one */
  readonly mirrorAdler: number;
  readonly renderMs: number;
}

/** How a lease stands, and what its result must be. */
export type Standing =
  | {
      readonly answer: 'held' | 'done';
      readonly fractal: Fractal;
      readonly band: Band;
      /** where its picture is stored when the band is the only one; no other attempt has the same */
      readonly picture: ObjectKey;
    }
  | { readonly answer: 'stale' | 'cancelled' | 'unknown' };

/** Who has a band, or has drawn it. */
export interface BandPlace {
  readonly state: BandState;
  /** host name of the worker; null while it waits */
  readonly host: string | null;
}

/** What became of a lease that a worker asked about. `stale`: the band is no longer that attempt's. */
export type LeaseAnswer = 'held' | 'stale' | 'cancelled' | 'unknown';

export interface BandRepository {
  /**
   * waiting → leased, attempt + 1. Null when the band does not wait, is resting after a failure, or is another engine version's; and while the queue is paused: then
   * its doorbell is due again. Claimed again with the token that holds it: the same claim.
   */
  claim(band: {
    fractal: FractalId;
    band: number;
    tokenHash: string;
    leaseMs: number;
    host: string;
    engineVersion: string;
  }): Promise<BandClaim | null>;
  /**
   * More bands for who has claimed one: the only bands of queued fractals whose doorbells are due, as they come next in the order of turns, up to the first that is
   * another engine version's, has several bands, or would cost more than `maxCost` with those before it. waiting → leased, as claim does. None while the queue is
   * paused.
   */
  claimMore(
    many: { limit: number; maxCost: number },
    claimant: { tokenHash: string; leaseMs: number; host: string; engineVersion: string },
  ): Promise<BandClaim[]>;
  /** Everything that is leased under this token: what was claimed, when the answer was lost. */
  claimed(tokenHash: string): Promise<BandClaim[]>;
  /** Extends the lease by leaseMs from now. */
  renew(lease: LeaseKey, leaseMs: number): Promise<LeaseAnswer>;
  /** Whether a result of this lease would be accepted now; `done` when this very attempt has delivered already. It may be otherwise a moment later. */
  check(lease: LeaseKey): Promise<Standing>;
  /**
   * leased or waiting → done, when the attempt is the current one: expiry alone does not invalidate a result, only a newer claim does.
   * The delivery that completes the fractal also moves it to assembling, so that two last deliveries cannot miss each other.
   */
  accept(lease: LeaseKey, result: BandResult): Promise<'progress' | 'complete' | 'again' | Exclude<LeaseAnswer, 'held'>>;
  /**
   * The same for the only band of a fractal, whose picture is stored already, where check() said: rendering → done. `again` when this picture is the fractal's
   * already. Otherwise nobody needs what was stored.
   */
  finish(
    lease: LeaseKey,
    result: Pick<BandResult, 'renderMs'>,
    picture: Picture,
  ): Promise<'complete' | 'again' | Exclude<LeaseAnswer, 'held'>>;
  /** All bands of an unfinished fractal, by number; none of one that came to its end. */
  places(id: FractalId): Promise<BandPlace[]>;
  /** leased → waiting, counted as neither failure nor interruption. */
  release(lease: LeaseKey): Promise<LeaseAnswer>;
  /** leased → waiting after a rest, or the whole fractal → failed when `restMs` is null. `failures` counts this one. */
  fail(lease: LeaseKey, reason: string, restMs: (failures: number) => number | null): Promise<LeaseAnswer | 'failed'>;
  /** Expired leases → waiting; fractals with a band interrupted `maxInterruptions` times → failed. Returns how many leases ended. */
  reap(maxInterruptions: number): Promise<number>;
}

/** The message that says "band b of fractal f awaits": ids only, so that a hostile or stale queue cannot change what is drawn. */
export interface Doorbell {
  readonly fractal: FractalId;
  readonly band: number;
  /** the span of the order; it stays in this process */
  readonly trace?: Traceparent | null;
}

export interface DoorbellRepository {
  /** Takes up to `limit` due doorbells in the order of their turns, and notes them as rung; none while the queue is paused. Cost does not depend on how many are due. */
  takeDue(limit: number): Promise<Doorbell[]>;
  /**
   * The most urgent waiting band of another fractal of that engine version, rung or not, whose turn comes before that of a doorbell; null when none does. Its
   * cost does not depend on how many wait.
   */
  findOvertaking(doorbell: Doorbell, engineVersion: string): Promise<Doorbell | null>;
  /** The first waiting band of the oldest unfinished fractal of that engine version, if that was ordered `minAgeMs` ago and none of its bands is in work. */
  findNeglected(engineVersion: string, minAgeMs: number): Promise<Doorbell | null>;
  /** The doorbell was heard, and another band was given for it: it is due again, if its band still waits. */
  putBack(doorbell: Doorbell): Promise<void>;
  /** Bands that wait and whose doorbell was rung at least `minAgeMs` ago. */
  countRung(minAgeMs?: number): Promise<number>;
  /** Every doorbell that was rung at least `minAgeMs` ago and whose band still waits becomes due again: the queue lost it. */
  ringAgain(minAgeMs?: number): Promise<number>;
  /**
   * For the start of a process that is the only one: no lease can be alive, so leased bands wait again (counted as neither failure nor
   * interruption), rung doorbells are due again, and assemblies may be claimed.
   */
  recover(): Promise<void>;
  /** Unfinished fractals that no engine of `living` can draw start over under their new plan, or fail with a reason. Returns how many. */
  startOver(living: readonly string[], plan: (fractal: Fractal) => Plan | Hopeless): Promise<number>;
}

export interface AssemblyBand extends BandResult {
  readonly number: number;
  readonly band: Band;
  /** where its bytes lie in the store */
  readonly key: ObjectKey;
}

export interface Assembly {
  readonly fractal: Fractal;
  readonly attempt: number;
  /** by number, or the other way round, as the mirror runs lie in the picture */
  bands(order: 'up' | 'down'): AsyncIterable<AssemblyBand>;
}

export interface AssemblyRepository {
  /** A fractal in state assembling whose assembly nobody holds, or null. */
  claim(leaseMs: number): Promise<Assembly | null>;
  renew(id: FractalId, attempt: number, leaseMs: number): Promise<boolean>;
  /** assembling → done, once: false when another attempt, a cancel or a delete came first. The bands' objects become trash. */
  finish(id: FractalId, attempt: number, picture: Picture): Promise<boolean>;
  /** assembling → failed: what came out does not have the checksum that it must have. Its objects become trash; tried again it may have any. */
  fail(id: FractalId, attempt: number, reason: string): Promise<boolean>;
  /** A stored band is damaged: that band waits again, the fractal is rendering again. */
  redraw(id: FractalId, attempt: number, band: number): Promise<boolean>;
}

/** Finished, failed and cancelled fractals that need not be kept. What is being drawn is never taken away. */
export interface RetentionRepository {
  /** Takes away, as `remove` does, up to `limit` of those that came to their end longer ago, of each state the oldest first. Returns how many. */
  removeOlderThan(maxAgeMs: number, limit: number): Promise<number>;
  /**
   * Takes away up to `limit` finished pictures, the oldest first, until all that are left take no more than that. Returns how many; processes that do it at
   * the same time take no more away than one would.
   */
  removeBeyond(maxBytes: number, limit: number): Promise<number>;
}

export interface TrashRepository {
  /** Keys whose objects nobody needs any more, oldest first; none younger than `minAgeMs`. */
  list(limit: number, minAgeMs: number): Promise<{ id: number; key: ObjectKey }[]>;
  /** How many there are, whatever their age; counted up to MAX_COUNTED. */
  count(): Promise<number>;
  /** After the object is gone. */
  forget(ids: readonly number[]): Promise<void>;
}

export type EventType = 'ordered' | 'progress' | 'done' | 'failed' | 'cancelled' | 'deleted';

/** Something that happened to a fractal, numbered in the order in which readers may rely on. */
export interface FractalEvent {
  readonly number: number;
  readonly type: EventType;
  readonly fractal: FractalId;
  readonly state: FractalState | null;
  /** 0..1 */
  readonly progress: number;
  /** milliseconds since 1970 */
  readonly at: number;
}

export interface EventRepository {
  /** Names this history: another database has another one. One that was restored from a backup has the same, and may go on differently. */
  epoch(): Promise<string>;
  after(number: number, limit: number): Promise<FractalEvent[]>;
  /** Numbers of the oldest and newest event kept; both 0 when there never was one. */
  range(): Promise<{ oldest: number; newest: number }>;
  /** Forgets events older than that, but never the newest. */
  prune(maxAgeMs: number): Promise<void>;
}

/** A band in the hands of a worker. */
export interface WorkInHand {
  readonly fractal: FractalId;
  readonly band: number;
  /** since it was claimed */
  readonly ms: number;
}

/** What a worker says about itself every few seconds. */
export interface WorkerReport {
  /** names the process, not the machine: letters, digits and hyphens, 64 at most */
  readonly id: string;
  /** host name */
  readonly host: string;
  readonly version: string;
  readonly engineVersion: string;
  readonly cores: number;
  readonly threads: number;
  /** load average of the last minute */
  readonly load: number;
  /** seconds since it started */
  readonly uptime: number;
  /** bands delivered since it started */
  readonly bands: number;
  /** work delivered per second over the last half minute, in units of COST_UNIT */
  readonly speed: number;
  /** bands delivered per second over the last half minute */
  readonly bandsPerSecond: number;
  /** pixels of them */
  readonly pixelsPerSecond: number;
  readonly state: 'working' | 'waiting' | 'stopping';
  readonly work: readonly WorkInHand[];
}

export interface SeenWorker extends WorkerReport {
  /** milliseconds since 1970 */
  readonly seenAt: number;
  /** since then, by the same clock */
  readonly silentMs: number;
}

export interface WorkerRepository {
  /** Replaces what the worker said before. */
  report(report: WorkerReport): Promise<void>;
  /** Those heard of within the last `maxAgeMs`, by host and id. */
  list(maxAgeMs: number): Promise<SeenWorker[]>;
  /** A worker that has stopped. */
  remove(id: string): Promise<void>;
  /** Forgets those not heard of for that long. */
  prune(maxAgeMs: number): Promise<void>;
}

/** Waiting bands beyond this number are not counted one by one. */
export const MAX_COUNTED = 100_000;

/** The queue at a glance. */
export interface Backlog {
  readonly fractals: Readonly<Record<FractalState, number>>;
  /** bands that wait for a worker; counted up to MAX_COUNTED, and once a second when they are thousands */
  readonly waiting: number;
  /** bands that a worker holds */
  readonly leased: number;
  /** how long the oldest unfinished fractal has been ordered, milliseconds; null when all are finished */
  readonly oldestMs: number | null;
  /** in units of COST_UNIT */
  readonly outstanding: number;
  /** of all finished pictures, without thumbnails and what unfinished ones have stored so far */
  readonly storedBytes: number;
}

export interface BacklogRepository {
  read(): Promise<Backlog>;
}

/** A reading is taken every so many milliseconds, and kept for so many. */
export const READING_EVERY_MS = 10_000;
export const READINGS_KEPT_MS = 3600_000;

/** What the farm did, and what waited, at one moment. */
export interface Reading {
  /** milliseconds since 1970, by the database's clock; a whole multiple of READING_EVERY_MS */
  readonly at: number;
  /** what the live workers had delivered lately, a second, all together */
  readonly bandsPerSecond: number;
  readonly pixelsPerSecond: number;
  /** in units of COST_UNIT */
  readonly speed: number;
  readonly workers: number;
  /** see Backlog */
  readonly waiting: number;
  readonly leased: number;
  readonly oldestMs: number | null;
  readonly isPaused: boolean;
}

/** What somebody did in the database itself, past every service. */
export interface AuditNote {
  /** milliseconds since 1970 */
  readonly at: number;
  /** as the audit names it */
  readonly action: 'create-token' | 'revoke-token';
  /** user and host, as the machine names them */
  readonly who: string;
  /** id of the token that it was done to */
  readonly token: string;
}

/** Such changes are told the next service that looks, so that its audit, which somebody reads, has them all. Whoever makes one leaves the note with it: see TokenRepository. */
export interface AuditRepository {
  /** Those that nobody has taken yet, the oldest first: of several processes one gets each. */
  take(): Promise<AuditNote[]>;
}

/** The readings of the last hour: the same for every process. */
export interface ReadingRepository {
  /** Whether nobody has taken one for this moment yet. */
  isDue(): Promise<boolean>;
  /** Keeps it, unless another process was faster, and forgets those that are too old. */
  add(reading: Omit<Reading, 'at'>): Promise<void>;
  /** The oldest first; only those after that moment, milliseconds since 1970. */
  list(after?: number): Promise<Reading[]>;
}

/** Characters of the words with which a queue is paused. */
export const MAX_WHY = 200;

/** Why the queue stands still. */
export interface Pause {
  /** since when, milliseconds since 1970, by the database's clock */
  readonly since: number;
  /** name of the identity that paused it; null when it gave none */
  readonly by: string | null;
  /** in the words of who paused it, one line; null when there are none */
  readonly why: string | null;
}

/** While the queue is paused no band is claimed, by whatever worker through whatever process. All else goes on: orders, deliveries of bands in work, assemblies. */
export interface PauseRepository {
  /** Null while it goes on. */
  read(): Promise<Pause | null>;
  /** When it resolves the last band has been claimed until it ends. The first pause stays the one that counts. */
  begin(by: string | null, why: string | null): Promise<Pause>;
  /** False when it was not paused. */
  end(): Promise<boolean>;
}

/** What is known of a token; the token itself is never stored. */
export interface StoredToken {
  /** 8 characters; also a part of the token, so that its holder can name it */
  readonly id: string;
  /** of the identity whose token it is; one identity may have several */
  readonly name: string;
  readonly role: Role;
  /** milliseconds since 1970, as all times here */
  readonly createdAt: number;
  /** null: never */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** to the minute; null: never */
  readonly lastUsedAt: number | null;
  /** of an enrolment token: for how many others it can be exchanged in all, and how many are left; null: it is none */
  readonly uses: number | null;
  readonly usesLeft: number | null;
  /** id of the enrolment token that this one was exchanged for; null: somebody made it */
  readonly enrolment: string | null;
}

export interface NewToken extends Pick<StoredToken, 'id' | 'name' | 'role'> {
  /** SHA-256 of the token, hex */
  readonly hash: string;
  /** null: never */
  readonly expiresInMs: number | null;
  /** makes an enrolment token */
  readonly uses?: number | null;
}

/** How a token stands at this moment. */
export type TokenStanding = 'valid' | 'expired' | 'revoked';

/**
 * What became of an exchange. `again`: it was made before, and nothing was used up. `conflict`: there is another token of that id or hash.
 * `unknown`: there is no such enrolment token.
 */
export type Enrolled =
  | {
      readonly answer: 'enrolled' | 'again';
      readonly enrolment: StoredToken;
      readonly token: StoredToken;
      readonly standing: TokenStanding;
    }
  | { readonly answer: 'used up' | 'expired' | 'revoked' | 'conflict'; readonly enrolment: StoredToken }
  | { readonly answer: 'unknown' };

export interface TokenRepository {
  /** @param who leaves a note of it for the audit, in the same transaction: for who is no user of the service */
  create(token: NewToken, who?: string): Promise<StoredToken>;
  /** By its hash, as it stands at this moment; `expiresInMs` is null when it never does. An enrolment token is not found: it lets nobody in. */
  find(hash: string): Promise<(StoredToken & { readonly standing: TokenStanding; readonly expiresInMs: number | null }) | null>;
  /**
   * Exchanges an enrolment token, by its hash, for a token of its role. Of many at the same time, no more get one than there are uses. Repeated with the same
   * token it is the same exchange, whatever has become of the enrolment token since.
   */
  enrol(hash: string, token: Pick<NewToken, 'id' | 'hash' | 'name' | 'expiresInMs'>): Promise<Enrolled>;
  /** All there ever were, newest first. */
  list(): Promise<StoredToken[]>;
  /** Also when it is revoked already. Null when there is none. @param who as for `create` */
  revoke(id: string, who?: string): Promise<StoredToken | null>;
  /** Revokes what an enrolment token was exchanged for. Revoke that token before, so that nothing is added. @returns how many were valid until then */
  revokeEnrolled(id: string): Promise<number>;
  /** Notes that it was used, at most once a minute. */
  touch(id: string): Promise<void>;
  /** Whether one was ever made. */
  exist(): Promise<boolean>;
}

export interface SecretRepository {
  /** 32 random bytes, the same for every process of a database, made once. Signs what this service hands out, to know it again. */
  signingKey(): Promise<Uint8Array>;
  /** Another one instead: within a few seconds nothing that was signed before is known again, by any process. */
  renewSigningKey(): Promise<void>;
}

/** How far the stored pictures have been read again, to find damage before somebody looks. */
export interface Scrub {
  /** seq of the last picture that was read; 0 at the beginning of a lap */
  readonly position: number;
  /** pictures read in this lap */
  readonly checked: number;
  readonly bytes: number;
  /** found since there is this count: damaged, and gone */
  readonly damaged: number;
  readonly missing: number;
  /** milliseconds since 1970, by the database's clock; null before the first */
  readonly lapStartedAt: number | null;
  /** when the last whole lap ended */
  readonly lapFinishedAt: number | null;
}

export interface ScrubRepository {
  read(): Promise<Scrub>;
  /** The right to read on for so long, or to keep it. Null when another holds it, or the last lap ended less than `restMs` ago. */
  claim(holder: string, leaseMs: number, restMs: number): Promise<Scrub | null>;
  /** One picture was read. False when another holds the right. */
  advance(holder: string, step: { seq: number; bytes: number; damaged: number; missing: number }): Promise<boolean>;
  /** The last picture was read: the next lap begins at the first one. */
  finishLap(holder: string): Promise<boolean>;
}

export interface Repository extends AsyncDisposable {
  readonly fractals: FractalRepository;
  readonly bands: BandRepository;
  readonly doorbells: DoorbellRepository;
  readonly assemblies: AssemblyRepository;
  readonly retention: RetentionRepository;
  readonly trash: TrashRepository;
  readonly events: EventRepository;
  readonly workers: WorkerRepository;
  readonly backlog: BacklogRepository;
  readonly readings: ReadingRepository;
  readonly pause: PauseRepository;
  readonly tokens: TokenRepository;
  readonly secrets: SecretRepository;
  readonly audit: AuditRepository;
  readonly scrub: ScrubRepository;
  /** whether other processes may use the database at the same time */
  readonly isShared: boolean;
  /** How its connections are used just now; none where there is only the file. */
  connections(): readonly PoolUse[];
  /** Resolves when the database answers and has the tables of this release. @throws {Fault} `unavailable` */
  ping(): Promise<void>;
}
