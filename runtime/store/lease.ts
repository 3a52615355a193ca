import { sql } from "kysely";
import { stageDurations } from "../contract";
import { StaleLeaseError } from "./claim";
import type { StageClaim } from "./claim";
import type { Database, StoreTransaction } from "./database";

const { lease: LEASE_MILLISECONDS } = stageDurations(0);

/** When a lease taken or renewed now expires, by the database's clock. */
export const leaseEnd = sql<Date>`clock_timestamp() + ${sql.lit(LEASE_MILLISECONDS)} * interval '1 millisecond'`;

/**
 * Renews a claim's lease for its full length.
 *
 * @returns false when the lease was lost: the stage has to stop at once and may write nothing.
 */
export async function renewLease(db: Database, claim: StageClaim): Promise<boolean> {
  const row = await db
    .updateTable("leases")
    .set({ expires_at: leaseEnd })
    .where("run_id", "=", claim.runId)
    .where("token", "=", claim.token)
    .where("holder", "is not", null)
    .returning("run_id")
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Runs a transaction under a claim. It locks the lease row to the end, so that no other worker can take over meanwhile.
 * An expired lease is valid until another worker takes it.
 *
 * @throws StaleLeaseError when the token is not the latest or the lease was freed.
 */
export async function underLease<T>(db: Database, claim: StageClaim, write: (tx: StoreTransaction) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom("leases").select(["token", "holder"]).where("run_id", "=", claim.runId).forUpdate().executeTakeFirst();
    if (row === undefined || row.token !== claim.token || row.holder === null) throw new StaleLeaseError(claim);
    return write(tx);
  });
}

/** Frees the lease and raises the token, so that the old claim can no longer write. */
export async function freeLease(tx: StoreTransaction, runId: string): Promise<void> {
  await tx
    .updateTable("leases")
    .set({ holder: null, expires_at: sql`clock_timestamp()`, token: sql`token + 1` })
    .where("run_id", "=", runId)
    .execute();
}
