import { ApiFault } from "../../../runtime/api/api-error";
import { authenticate } from "../../../runtime/api/authentication";

test.each(["Bearer right", "bearer right", "Bearer  right "])("%j is let in", (header) => {
  expect(() => authenticate(header, "right")).not.toThrow();
});

test.each([
  [undefined, "the header Authorization is missing: send `Authorization: Bearer <FLEET_API_TOKEN>`"],
  ["", "the header Authorization is not `Bearer <FLEET_API_TOKEN>`"],
  ["Basic right", "the header Authorization is not `Bearer <FLEET_API_TOKEN>`"],
  ["Bearer ", "the header Authorization is not `Bearer <FLEET_API_TOKEN>`"],
  ["Bearer wrong", "the bearer token is not this API's FLEET_API_TOKEN"],
  ["Bearer righ", "the bearer token is not this API's FLEET_API_TOKEN"],
  ["Bearer right right", "the header Authorization is not `Bearer <FLEET_API_TOKEN>`"],
])("%j is refused", (header, message) => {
  expect(() => authenticate(header, "right")).toThrow(new ApiFault(401, "unauthorized", message));
});
