import type { InstalledPackage } from "./installed-package";

export interface DescribedImage {
  /** Reference of the image. */
  readonly reference: string;
  /** `sha256:…` of the image. */
  readonly id: string;
  /** `debian-13`; undefined when the image does not say. */
  readonly distribution: string | undefined;
}

/** A CycloneDX 1.6 document of an image. It has no time and no random number, so the same image gives the same document. */
export function cycloneDx(image: DescribedImage, packages: readonly InstalledPackage[]): object {
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "container",
        "bom-ref": image.id,
        name: image.reference.replace(/@.*$/, "").replace(/:[^:/]*$/, ""),
        version: image.id,
      },
    },
    components: packages.map((each) => component(each, image)),
  };
}

function component({ kind, name, version, architecture, license, sha256 }: InstalledPackage, image: DescribedImage): object {
  const purl = packageUrl(kind, name, version, architecture, image.distribution);
  return {
    type: kind === "program" ? "application" : "library",
    "bom-ref": purl,
    name,
    version,
    ...(license === undefined || license === "" ? {} : { licenses: [licenseOf(license)] }),
    ...(sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: sha256 }] }),
    ...(kind === "program" ? {} : { purl }),
  };
}

/** An SPDX expression if it has one of the simple forms, else the package's own text. */
function licenseOf(license: string): object {
  return /^[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*$/.test(license) && license !== "UNLICENSED"
    ? { expression: license }
    : { license: { name: license } };
}

function packageUrl(
  kind: InstalledPackage["kind"],
  name: string,
  version: string,
  architecture: string | undefined,
  distribution: string | undefined,
): string {
  const encoded = name.split("/").map(encodeURIComponent).join("/");
  const number = encodeURIComponent(version);
  if (kind === "program") return `program:${name}@${version}`;
  if (kind === "pypi") return `pkg:pypi/${encoded.toLowerCase().replaceAll("_", "-")}@${number}`;
  if (kind === "npm") return `pkg:npm/${encoded}@${number}`;
  const qualifiers = [
    ...(architecture === undefined ? [] : [`arch=${architecture}`]),
    ...(distribution === undefined ? [] : [`distro=${distribution}`]),
  ];
  const vendor = distribution?.replace(/-.*$/, "") ?? "debian";
  return `pkg:deb/${vendor}/${encoded}@${number}${qualifiers.length === 0 ? "" : `?${qualifiers.join("&")}`}`;
}
