import { containerOf, ownParts, synthesizedFleet } from "../../support/synthesized";

const DEMO = { codex: { auth: "none", provider_url: "http://scripted_model:8080/v1" }, demo: { scripted_services: true } } as const;

test.each(["scripted_model", "scripted_github"])("%s keeps nothing", (service) => {
  expect(ownParts(containerOf(synthesizedFleet(DEMO).fleet, service)).mounts).toEqual([]);
});

test("the scripted GitHub is published where the environment says, and its links say the same", () => {
  const { fleet } = synthesizedFleet({ ...DEMO, demo: { scripted_services: true, github_listen: "0.0.0.0:9081" } });
  const github = containerOf(fleet, "scripted_github");
  expect(ownParts(github).ports).toEqual(["0.0.0.0:9081 -> 8080"]);
  expect(github.env).toContain("FLEET_SCRIPTED_GITHUB_PUBLIC_URL=http://127.0.0.1:9081");
});

test("the scripted GitHub is published on the loopback interface, the scripted model is not published", () => {
  const { fleet } = synthesizedFleet(DEMO);
  expect(["scripted_github", "scripted_model"].map((service) => ownParts(containerOf(fleet, service)).ports)).toEqual([
    ["127.0.0.1:8081 -> 8080"],
    [],
  ]);
});
