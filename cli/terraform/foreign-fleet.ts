import { ContainerLabel } from "../../runtime/contract";

/** What to do about a fleet of the same name that another checkout deployed to this engine. */
export function foreignFix(environment: string, networks: readonly string[]): string {
  const containers = `docker ps -aq --filter label=${ContainerLabel.environment}=${environment}`;
  const removeNetworks = networks.length === 0 ? "" : `; docker network rm ${networks.join(" ")}`;
  return (
    `work in the checkout that made them, give this environment another name, or, where that checkout and its state are gone, ` +
    `remove what is left of it (volumes stay, and are taken over): ${containers} | xargs -r docker rm -f${removeNetworks}`
  );
}
