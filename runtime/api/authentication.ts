import { createHash, timingSafeEqual } from "node:crypto";
import { ApiFault } from "./api-error";

/**
 * Compares an `Authorization` header with the API's token in constant time.
 *
 * @throws ApiFault 401
 */
export function authenticate(header: string | undefined, token: string): void {
  if (header === undefined) throw unauthorized("the header Authorization is missing: send `Authorization: Bearer <FLEET_API_TOKEN>`");
  const given = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (given === undefined) throw unauthorized("the header Authorization is not `Bearer <FLEET_API_TOKEN>`");
  if (!timingSafeEqual(digest(given), digest(token))) throw unauthorized("the bearer token is not this API's FLEET_API_TOKEN");
}

/** timingSafeEqual needs operands of equal length; digests have one, and do not reveal the token's length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unauthorized(message: string): ApiFault {
  return new ApiFault(401, "unauthorized", message);
}
