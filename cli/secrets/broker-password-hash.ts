import { createHash, randomBytes } from "node:crypto";

/**
 * Hash of a broker user's password as definitions carry it (`rabbit_password_hashing_sha256`): base64 of a 4-byte salt
 * and the SHA-256 of salt and password. Layout: RabbitMQ's documentation of password hashing.
 */
export function hashBrokerPassword(password: string, salt: Buffer = randomBytes(4)): string {
  const digest = createHash("sha256").update(salt).update(password, "utf8").digest();
  return Buffer.concat([salt, digest]).toString("base64");
}

/** Whether a hash was made from this password. */
export function isHashOf(hash: string, password: string): boolean {
  const salt = Buffer.from(hash, "base64").subarray(0, 4);
  return salt.length === 4 && hashBrokerPassword(password, salt) === hash;
}
