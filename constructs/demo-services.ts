import { Construct } from "constructs";
import { ImageLayout } from "../runtime/contract";
import type { IContainerImage } from "./container-image";
import { Duration } from "./duration";
import { HealthCheck } from "./health-check";
import { listenUrl } from "./listen-address";
import { ServiceName } from "./resource-names";
import type { ResourceNames } from "./resource-names";
import { Service } from "./service";
import type { ServiceProps } from "./service-props";

export interface DemoServicesProps {
  readonly names: ResourceNames;
  /** Target `demo` of the worker image. */
  readonly image: IContainerImage;
  /** `ip:port` of the host the scripted GitHub is published on. */
  readonly githubListen: string;
}

/** A scripted model and a scripted GitHub, so that one sees a run without an account. They have no volumes. */
export class DemoServices extends Construct {
  readonly model: Service;
  readonly github: Service;

  constructor(scope: Construct, id: string, props: DemoServicesProps) {
    super(scope, id);
    const { networks } = props.names;
    this.model = this.scripted("Model", props, ServiceName.scriptedModel, "scripted-model.js", { networks: [networks.egress] });
    this.github = this.scripted("Github", props, ServiceName.scriptedGithub, "scripted-github.js", {
      networks: [networks.egress, networks.edge],
      ports: [{ container: PORT, host: props.githubListen }],
      // A browser on the host opens the links in its answers.
      variables: { FLEET_SCRIPTED_GITHUB_PUBLIC_URL: listenUrl(props.githubListen) },
    });
  }

  private scripted(
    id: string,
    { names, image }: DemoServicesProps,
    service: string,
    program: string,
    own: Pick<ServiceProps, "networks" | "ports" | "variables">,
  ): Service {
    return new Service(this, id, {
      environment: names.environment,
      service,
      image,
      command: ["node", `${ImageLayout.runtime}/${program}`],
      uid: ImageLayout.uid,
      ...own,
      tmpfs: [
        { path: "/tmp", size: 256, executable: true },
        { path: ImageLayout.home, size: 256 },
      ],
      healthCheck: HealthCheck.tcp(PORT, { startPeriod: Duration.minutes(1) }),
      memory: 512,
      cpus: 0.5,
    });
  }
}

const PORT = 8_080;
