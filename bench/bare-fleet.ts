import { readFileSync } from "node:fs";
import { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { App, TerraformStack } from "cdktf";

/**
 * The baseline for our constructs: as many resources of the same kinds, written by hand with the provider's own classes,
 * and as many environment variables in each container.
 */
const [source, outdir] = process.argv.slice(2);
const stacks = JSON.parse(readFileSync(source!, "utf8")) as Record<string, Record<string, number>>;

const app = new App({ outdir: outdir! });
for (const [name, counts] of Object.entries(stacks)) {
  const stack = new TerraformStack(app, name);
  new DockerProvider(stack, "docker");
  const times = (type: string, make: (index: number) => void) => Array.from({ length: counts[type] ?? 0 }, (_, index) => make(index));
  times("docker_network", (index) => new Network(stack, `network-${index}`, { name: `network-${index}` }));
  times("docker_volume", (index) => new Volume(stack, `volume-${index}`, { name: `volume-${index}` }));
  times("docker_image", (index) => new Image(stack, `image-${index}`, { name: `image-${index}` }));
  times(
    "docker_container",
    (index) =>
      new Container(stack, `container-${index}`, {
        name: `container-${index}`,
        image: "image",
        env: Array.from({ length: 20 }, (_, variable) => `VARIABLE_${variable}=value`),
        networksAdvanced: [{ name: "network-0", aliases: [`container-${index}`] }],
        mounts: [{ type: "volume", source: "volume-0", target: "/data" }],
        labels: [{ label: "service", value: `container-${index}` }],
        healthcheck: { test: ["CMD", "true"], interval: "5s" },
        memory: 512,
        memorySwap: 512,
        restart: "unless-stopped",
      }),
  );
}
app.synth();
