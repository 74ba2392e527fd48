/** The objects' names: `<storeKey>.png` for pictures, `<storeKey>/<band>.<attempt>` for bands. */
export type ObjectKey = string;

/**
 * Where image bytes live. An object is there whole and durable, or not at all.
 * @throws {Fault} `unavailable` when the store is full or cannot be reached; `not_found` where noted
 */
export interface Store extends AsyncDisposable {
  /** Writes or replaces an object; on failure nothing of it is visible. */
  put(key: ObjectKey, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The bytes [start, end) of an object, all of it by default. @throws {Fault} `not_found` */
  get(key: ObjectKey, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>;
  /** Missing objects are fine. */
  remove(key: ObjectKey): Promise<void>;
  /** Whether there is room: orders are refused earlier than results, and removing always works. */
  hasRoom(purpose: 'order' | 'result'): Promise<boolean>;
  /** Resolves when the store answers. @throws {Fault} `unavailable` */
  ping(): Promise<void>;
}
