import { sql } from 'kysely';
import type { AuditNote, AuditRepository } from '../domain/repository.ts';
import type { Database, Tx } from './tables.ts';

const AT_ONCE = 100;
/** As many characters as the column has room for. */
const LONGEST_WHO = 255;

/** Belongs into the transaction of what it tells of. */
export async function leaveNote(tx: Tx, { can }: Database, { action, who, token }: Omit<AuditNote, 'at'>): Promise<void> {
  const row = { at: sql<number>`${can.nowMs}`, action, who: who.slice(0, LONGEST_WHO), token };
  await tx.insertInto('audit_notes').values(row).execute();
}

export function auditRepository({ db }: Database): AuditRepository {
  return {
    async take() {
      const rows = await db.selectFrom('audit_notes').selectAll().orderBy('id').limit(AT_ONCE).execute();
      const taken: AuditNote[] = [];
      for (const { id, at, action, who, token } of rows) {
        // Whoever deletes it has it.
        const { numDeletedRows } = await db.deleteFrom('audit_notes').where('id', '=', id).executeTakeFirstOrThrow();
        if (numDeletedRows > 0n) taken.push({ at, action: action as AuditNote['action'], who, token });
      }
      return taken;
    },
  };
}
