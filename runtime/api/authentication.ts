import { createHash, timingSafeEqual } from "node:crypto";
import { ApiFault } from "./api-error";

/**
 * Checks an `Authorization` header against the API's token, in a time that tells nothing about it.
 *
 * @throws ApiFault 401
 */
export function authenticate(header: string | undefined, token: string): void {
  if (header === undefined) throw unauthorized("the header Authorization is missing: send `Authorization: Bearer <FLEET_API_TOKEN>`");
  const given = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (given === undefined) throw unauthorized("the header Authorization is not `Bearer <FLEET_API_TOKEN>`");
  if (!timingSafeEqual(digest(given), digest(token))) throw unauthorized("the bearer token is not this API's FLEET_API_TOKEN");
}

/** Digests have one length, which the comparison needs and a token's own would give away. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unauthorized(message: string): ApiFault {
  return new ApiFault(401, "unauthorized", message);
}
