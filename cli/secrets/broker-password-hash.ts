import { randomBytes } from "node:crypto";
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
