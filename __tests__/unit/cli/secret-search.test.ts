import { search } from "../../support/secret-search";

test("the search of the end-to-end test finds a value anywhere, and only a value that is there", () => {
  const secrets = { one: "planted-one", other: "planted-other" };
  expect(search("a place", Buffer.from("\0label=planted-other\0"), secrets)).toEqual({ place: "a place", bytes: 21, found: ["other"] });
  expect(search("a place", Buffer.from("planted"), secrets)).toEqual({ place: "a place", bytes: 7, found: [] });
});
