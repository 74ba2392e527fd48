/** Letters, digits, dots and hyphens: fit for a file name or a URL as they are. */
export type ObjectKey = string & { readonly __brand: 'ObjectKey' };

const OBJECT_KEY = /^[0-9A-Za-z][0-9A-Za-z.-]{0,127}$/;

/** Keys are made here; stores check them all the same, before a path or a query is made of one. */
export const isObjectKey = (text: string): text is ObjectKey => OBJECT_KEY.test(text);

/*
 * The attempt is part of every name, so that a late writer can never replace what a newer attempt has stored.
 * A storeKey belongs to one order only, also when its uuid is deleted and ordered anew.
 */
export const bandKey = (storeKey: string, band: number, attempt: number): ObjectKey =>
  `${storeKey}.${band}.${attempt}.band` as ObjectKey;
export const pictureKey = (storeKey: string, attempt: number): ObjectKey => `${storeKey}.${attempt}.png` as ObjectKey;

/** The checksums of the blocks of a large picture. */
export const sumsKey = (storeKey: string, attempt: number): ObjectKey => sumsKeyBeside(pictureKey(storeKey, attempt));
export const sumsKeyBeside = (picture: ObjectKey): ObjectKey => picture.replace(/\.png$/, '.sums') as ObjectKey;

/** Small pictures depend on nothing but the spec, so whoever writes one last writes the same. */
export const thumbnailKey = (storeKey: string): ObjectKey => `${storeKey}.webp` as ObjectKey;

/** An object as the store tells of it, without its bytes. */
export interface StoredObject {
  /** an ObjectKey, unless somebody else has put it there */
  readonly name: string;
  readonly sizeBytes: number;
  /** when it was written, milliseconds since 1970, by the store's clock */
  readonly modifiedAt: number;
}

/** Something that a writer who died has left: it is no object, and takes room. Or one that is being written just now. */
export interface Leftover extends Omit<StoredObject, 'sizeBytes'> {
  /** null when the store does not tell */
  readonly sizeBytes: number | null;
  /** Takes it away; fine when it is gone. */
  remove(): Promise<void>;
}

/**
 * Where image bytes live. An object is there whole and durable, or not at all.
 * @throws {Fault} `unavailable` when the store is full or cannot be reached; `not_found` where noted
 */
export interface Store extends AsyncDisposable {
  /** Writes or replaces an object; on failure nothing of it is visible. */
  put(key: ObjectKey, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The bytes [start, end) of an object, all of it by default, in pieces that belong to the reader, who may free them. @throws {Fault} `not_found` */
  get(key: ObjectKey, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>;
  /** Missing objects are fine. */
  remove(key: ObjectKey): Promise<void>;
  /** Whether there is room: orders are refused earlier than results, and removing always works. */
  hasRoom(purpose: 'order' | 'result'): Promise<boolean>;
  /** The room on what the objects lie on, bytes; null when the store does not know. @throws {Fault} `unavailable` */
  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number } | null>;
  /** Resolves when the store answers. @throws {Fault} `unavailable` */
  ping(): Promise<void>;
}

/** A store whose objects can be counted: for those who move it, or compare it with the database. */
export interface Inventory extends Store {
  /** null when there is none */
  find(key: ObjectKey): Promise<StoredObject | null>;
  /** Everything there is, in any order, a page at a time; what comes and goes meanwhile may be missing. */
  list(): AsyncIterable<StoredObject>;
  /** In any order; of those being written, too. */
  leftovers(): AsyncIterable<Leftover>;
}
