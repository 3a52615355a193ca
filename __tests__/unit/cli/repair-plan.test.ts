import { planRepairs } from "../../../cli/terraform/repair-plan";
import type { EngineInventory, FoundContainer } from "../../../cli/terraform/repair-plan";
import type { FleetState } from "../../../cli/terraform/fleet-state";

const BACKPLANE = { id: "n1", name: "x-backplane" };
const EDGE = { id: "n2", name: "x-edge" };
const STRAY_EDGE = { id: "n9", name: "x-edge" };
const API: FoundContainer = { id: "c1", name: "x-api", state: "running", networks: { "x-backplane": "n1", "x-edge": "n2" } };
const STRAY: FoundContainer = { id: "c9", name: "x-postgres", state: "running", networks: { "x-backplane": "n1" } };

const STATE: FleetState = {
  claimed: true,
  volumes: new Set(),
  networks: new Set(["n1", "n2"]),
  containers: new Map([
    [
      "c1",
      [
        { name: "x-backplane", aliases: ["api"] },
        { name: "x-edge", aliases: ["api"] },
      ],
    ],
  ]),
};
const INVENTORY: EngineInventory = { containers: [API], networks: [BACKPLANE, EDGE] };

test.each<[string, Partial<FleetState>, Partial<EngineInventory>, unknown]>([
  ["all is as written down", {}, {}, []],
  ["nothing exists", {}, { containers: [], networks: [] }, []],
  ["nothing was ever made", { claimed: false, networks: new Set(), containers: new Map() }, { containers: [], networks: [] }, []],
  ["a container in no state", {}, { containers: [API, STRAY] }, [{ kind: "remove leftover", container: STRAY }]],
  [
    "a network in no state, before any container",
    { networks: new Set(["n1"]), containers: new Map() },
    { containers: [], networks: [BACKPLANE, STRAY_EDGE] },
    [{ kind: "remove network", network: STRAY_EDGE }],
  ],
  ["a second network of a name", {}, { networks: [BACKPLANE, EDGE, STRAY_EDGE] }, [{ kind: "remove network", network: STRAY_EDGE }]],
  ["a container that was removed", {}, { containers: [] }, []],
  ["a container that was stopped is Terraform's to start", {}, { containers: [{ ...API, state: "exited" }] }, []],
  ["a paused container", {}, { containers: [{ ...API, state: "paused" }] }, [{ kind: "resume", container: { ...API, state: "paused" } }]],
  [
    "a container taken off a network",
    {},
    { containers: [{ ...API, networks: { "x-edge": "n2" } }] },
    [{ kind: "connect", container: { ...API, networks: { "x-edge": "n2" } }, network: { name: "x-backplane", aliases: ["api"] } }],
  ],
  ["a container that never started", {}, { containers: [{ ...API, state: "created", networks: { "x-backplane": "", "x-edge": "" } }] }, []],
  [
    "a stopped container whose network was pruned",
    {},
    { containers: [{ ...API, state: "exited" }], networks: [BACKPLANE] },
    [{ kind: "remove unconnectable", container: { ...API, state: "exited" }, network: "x-edge" }],
  ],
])("%s", (_what, state, inventory, repairs) => {
  expect(planRepairs({ ...STATE, ...state }, { ...INVENTORY, ...inventory })).toEqual({ kind: "own", repairs });
});

test.each<[string, Partial<FleetState>, Partial<EngineInventory>, unknown]>([
  [
    "a fleet this checkout never deployed",
    { claimed: false, networks: new Set(), containers: new Map() },
    {},
    { networks: [BACKPLANE, EDGE], containers: [API] },
  ],
  [
    "networks this checkout never made",
    { claimed: false, networks: new Set(), containers: new Map() },
    { containers: [] },
    { networks: [BACKPLANE, EDGE], containers: [] },
  ],
  [
    "a fleet another checkout deployed after this one's was deleted",
    { networks: new Set(["old"]), containers: new Map() },
    {},
    { networks: [BACKPLANE, EDGE], containers: [API] },
  ],
  [
    "a container on a network of another state",
    {},
    { containers: [API, STRAY], networks: [BACKPLANE, STRAY_EDGE] },
    { networks: [STRAY_EDGE], containers: [STRAY] },
  ],
  ["a container without any network of the environment", {}, { containers: [STRAY], networks: [] }, { networks: [], containers: [STRAY] }],
])("%s is left alone", (_what, state, inventory, foreign) => {
  expect(planRepairs({ ...STATE, ...state }, { ...INVENTORY, ...inventory })).toEqual({ kind: "foreign", ...(foreign as object) });
});
