import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { cycloneDx } from "../../../cli/sbom/cyclonedx";
import { distribution, installedPackages } from "../../../cli/sbom/installed-package";

const RECORDS = new Map([
  ["/usr/lib/os-release", 'PRETTY_NAME="Debian GNU/Linux 13"\nVERSION_ID="13"\nID=debian\n'],
  [
    "/var/lib/dpkg/status",
    "Package: git\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.47.3-0+deb13u1\nDescription: x\n Package: inner\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
  ],
  [
    "/opt/fleet/venv/lib/python3.13/site-packages/celery-5.7.0.dist-info/METADATA",
    "Metadata-Version: 2.4\nName: celery\nVersion: 5.7.0\nLicense-Expression: BSD-3-Clause\n\nVersion: in the text\n",
  ],
  ["/usr/local/lib/node_modules/npm/package.json", '{"name":"npm","version":"11.0.0","license":"Artistic-2.0"}'],
  ["/other/node_modules/npm/package.json", '{"name":"npm","version":"11.0.0","license":"Artistic-2.0"}'],
  [
    "/usr/local/lib/node_modules/npm/node_modules/@npmcli/fs/package.json",
    '{"name":"@npmcli/fs","version":"4.0.0","license":"SEE LICENSE IN LICENSE.md"}',
  ],
  ["/usr/local/lib/node_modules/npm/lib/package.json", '{"name":"not a package","version":"1.0.0"}'],
  ["/usr/local/lib/node_modules/dual/package.json", '{"type":"module"}'],
  [
    "/opt/fleet/tooling.json",
    JSON.stringify({
      tools: { codex: { version: "0.169.0", sha256: "a".repeat(64) }, git: { version: "2.47.3", sha256: "b".repeat(64) } },
    }),
  ],
]);

const PACKAGES = [
  { kind: "deb", name: "git", version: "1:2.47.3-0+deb13u1", architecture: "amd64" },
  { kind: "npm", name: "@npmcli/fs", version: "4.0.0", license: "SEE LICENSE IN LICENSE.md" },
  { kind: "npm", name: "@openai/codex", version: "0.169.0", sha256: "a".repeat(64) },
  { kind: "npm", name: "npm", version: "11.0.0", license: "Artistic-2.0" },
  { kind: "program", name: "git", version: "2.47.3", sha256: "b".repeat(64) },
  { kind: "pypi", name: "celery", version: "5.7.0", license: "BSD-3-Clause" },
] as const;

test("finds every installed package once, and no other", () => {
  expect(installedPackages(RECORDS)).toEqual(PACKAGES);
  expect([distribution(RECORDS), distribution(new Map())]).toEqual(["debian-13", undefined]);
});

test("the document is valid CycloneDX and the same for the same image", async () => {
  const image = { reference: "registry.example:5000/fleet/worker:1", id: `sha256:${"c".repeat(64)}`, distribution: "debian-13" };
  const document = cycloneDx(image, PACKAGES) as { metadata: { component: object }; components: { purl?: string; licenses?: object }[] };
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(document))).toBeNull();
  expect(cycloneDx(image, PACKAGES)).toEqual(document);
  expect(document.metadata.component).toEqual({
    type: "container",
    "bom-ref": image.id,
    name: "registry.example:5000/fleet/worker",
    version: image.id,
  });
  expect(document.components.map(({ purl, licenses }) => [purl, licenses])).toEqual([
    ["pkg:deb/debian/git@1%3A2.47.3-0%2Bdeb13u1?arch=amd64&distro=debian-13", undefined],
    ["pkg:npm/%40npmcli/fs@4.0.0", [{ license: { name: "SEE LICENSE IN LICENSE.md" } }]],
    ["pkg:npm/%40openai/codex@0.169.0", undefined],
    ["pkg:npm/npm@11.0.0", [{ expression: "Artistic-2.0" }]],
    [undefined, undefined],
    ["pkg:pypi/celery@5.7.0", [{ expression: "BSD-3-Clause" }]],
  ]);
});

test("the validator tells a wrong document", async () => {
  const wrong = {
    ...cycloneDx({ reference: "x:1", id: "sha256:1", distribution: undefined }, []),
    components: [{ type: "nonsense", name: "x" }],
  };
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(wrong))).not.toBeNull();
});
