import type { Generated, Kysely, RawBuilder, Transaction } from 'kysely';
import type { Role } from '../domain/access.ts';
import type { Formula } from '../domain/formulas.ts';
import type { Palette } from '../domain/palettes.ts';
import type { EventType } from '../domain/repository.ts';
import type { BandState, FractalState } from '../domain/states.ts';

export interface FractalsTable {
  /** position in the order of orders */
  seq: Generated<number>;
  uuid: string;
  state: FractalState;
  /** the spec as JSON: doubles survive the round trip, and a new parameter needs no migration */
  spec: string;
  /** those of the spec, as far as lists are filtered by them */
  formula: Formula;
  palette: Palette;
  band_rows: number;
  bands: number;
  /** 1 when its bands have mirror runs */
  mirrored: number;
  bands_done: number;
  band_cost: number;
  /** in units of COST_UNIT */
  cost: number;
  client: string;
  owner: string | null;
  engine_version: string;
  store_key: string;
  created_at: number;
  finished_at: number | null;
  render_ms: number;
  /** JSON array of host names */
  hosts: string;
  /** of a finished one of several bands: JSON array of [host, bands, milliseconds] */
  drawn_by: string | null;
  checksum: string | null;
  size_bytes: number | null;
  image_key: string | null;
  /** SHA-256 of the object with the checksums of its blocks */
  sums_checksum: string | null;
  /** checksum that the picture must have, because it had it before */
  expected_checksum: string | null;
  trace: string | null;
  error: string | null;
  assembly_attempt: number;
  assembly_until: number | null;
}

export interface BandsTable {
  fractal_seq: number;
  band: number;
  state: BandState;
  attempt: number;
  token_hash: string | null;
  host: string | null;
  lease_until: number | null;
  /** not to be claimed before */
  rest_until: number;
  /** place in the fair queue; see turnsOf */
  turn: number;
  /** the turn again while its doorbell is due, else null: an index over it serves the head of the queue in every database */
  due_turn: number | null;
  /** when its doorbell was rung last; null while it is due */
  rung_at: number | null;
  failures: number;
  interruptions: number;
  sha256: string | null;
  size_bytes: number | null;
  split_bytes: number | null;
  adler: number | null;
  mirror_adler: number | null;
  render_ms: number | null;
}

/** How many fractals are in each state, what they cost and what their pictures take, spread over slots so that concurrent orders seldom wait for the same row. */
export interface TalliesTable {
  state: FractalState;
  slot: number;
  fractals: number;
  cost: number;
  bytes: number;
}

/** How many fractals of each kind there are: of everybody under the owner '', and of each owner; spread over slots as well. */
export interface KindsTable {
  owner: string;
  formula: Formula;
  palette: Palette;
  state: FractalState;
  slot: number;
  fractals: number;
}

/** What the unfinished fractals of each client cost, spread over slots as well. */
export interface ClientsTable {
  client: string;
  slot: number;
  cost: number;
}

export interface EventsTable {
  number: Generated<number>;
  type: EventType;
  uuid: string;
  state: FractalState | null;
  progress: number;
  at: number;
}

/** Events that have no number yet; see events.ts. */
export interface OutboxTable extends Omit<EventsTable, 'number'> {
  id: Generated<number>;
}

export interface TrashTable {
  id: Generated<number>;
  key: string;
  at: number;
}

export interface AuditNotesTable {
  id: Generated<number>;
  at: number;
  action: string;
  who: string;
  token: string;
}

export interface HistoryTable {
  epoch: string;
}

/** One row. */
export interface ScrubTable {
  id: number;
  holder: string;
  until: number;
  position: number;
  checked: number;
  bytes: number;
  damaged: number;
  missing: number;
  lap_started_at: number | null;
  lap_finished_at: number | null;
}

/** One row. */
export interface PauseTable {
  id: number;
  /** null while the queue goes on */
  since: number | null;
  by_name: string | null;
  why: string | null;
}

export interface ReadingsTable {
  at: number;
  bands_per_second: number;
  pixels_per_second: number;
  speed: number;
  workers: number;
  waiting: number;
  leased: number;
  oldest_ms: number | null;
  /** 1 while the queue was paused */
  paused: number;
}

export interface WorkersTable {
  id: string;
  host: string;
  seen_at: number;
  /** WorkerReport as JSON */
  report: string;
}

export interface TokensTable {
  id: string;
  hash: string;
  name: string;
  role: Role;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  /** both null but for enrolment tokens */
  uses: number | null;
  uses_left: number | null;
  /** id of the token that this one was exchanged for */
  enrolment: string | null;
}

export interface SecretsTable {
  name: string;
  /** base64 */
  value: string;
}

/** Objects of the store `database:`; see objects.ts. */
export interface ObjectsTable {
  key: string;
  version: string;
  size_bytes: number;
}

export interface ObjectPartsTable {
  version: string;
  part: number;
  at: number;
  bytes: Uint8Array;
}

export interface Tables {
  fractals: FractalsTable;
  bands: BandsTable;
  tallies: TalliesTable;
  kinds: KindsTable;
  clients: ClientsTable;
  events: EventsTable;
  outbox: OutboxTable;
  trash: TrashTable;
  history: HistoryTable;
  workers: WorkersTable;
  tokens: TokensTable;
  secrets: SecretsTable;
  audit_notes: AuditNotesTable;
  scrub: ScrubTable;
  pause: PauseTable;
  readings: ReadingsTable;
  objects: ObjectsTable;
  object_parts: ObjectPartsTable;
}

/** What the queries need to know of the database they run on; ask for a capability, never for a name. */
export interface Capabilities {
  /** the database's clock, integer milliseconds since 1970 */
  readonly nowMs: RawBuilder<number>;
  /** Whether transactions run side by side: rows are then locked before they are judged, and events are numbered after their commit. */
  readonly runsSideBySide: boolean;
  /** INSERT … ON CONFLICT, else INSERT … ON DUPLICATE KEY UPDATE */
  readonly hasOnConflict: boolean;
  /** Whether a query must be told its index: left to itself this database reads all that have a state and only then looks which of them come before a position. */
  readonly needsIndexHints: boolean;
  /** WITH … AS (UPDATE …): several changes in one statement */
  readonly joinsWrites: boolean;
  /** Ends a query whose rows must stay as they are until the transaction ends, though others may read them so, too. Nothing where transactions take turns. */
  readonly sharedLock: RawBuilder<unknown>;
}

export type Tx = Transaction<Tables>;

export interface Database {
  readonly db: Kysely<Tables>;
  readonly can: Capabilities;
  /** A transaction, durable when it resolves; run again when it lost a deadlock. */
  readonly durably: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /**
   * A transaction that a power failure may undo, but no killed process: for moves that are made again in any case. The next ordinary transaction makes
   * it durable, too.
   */
  readonly lightly: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
}
