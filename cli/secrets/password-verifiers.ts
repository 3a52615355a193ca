import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { rabbitPasswordHash } from "../../runtime/contract";

/** Returns the existing hash if it was made from this password, so that the salt does not change; else a new hash. */
export function keptHash(hash: string | undefined, password: string): string {
  return hash !== undefined && isHashOf(hash, password) ? hash : rabbitPasswordHash(password, randomBytes(4));
}

/** Whether a hash was made from this password. */
export function isHashOf(hash: string, password: string): boolean {
  const salt = Buffer.from(hash, "base64").subarray(0, 4);
  return salt.length === 4 && rabbitPasswordHash(password, salt) === hash;
}

/** PostgreSQL's own default. */
const ITERATIONS = 4_096;

/**
 * The verifier that PostgreSQL stores instead of a password (RFC 5803), for `ALTER ROLE … PASSWORD`, so that the password
 * itself is in no statement and in no log of the server.
 *
 * @param password ASCII only, since it is not normalized with SASLprep.
 * @param salt 16 random bytes.
 */
export function scramVerifier(password: string, salt: Uint8Array, iterations: number = ITERATIONS): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const keyed = (name: string) => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}
