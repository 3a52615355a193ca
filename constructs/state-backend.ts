import type { Construct } from "constructs";
import type { EnvironmentSettings } from "./environment-schema";
import { TerraformBackend, TerraformStack } from "./tf";
import type { TerraformRemoteState } from "./tf";

/**
 * Path of local state, beside cdktf.json: Terraform runs three directories below it, in cdktf.out/stacks/<stack>. The path
 * is relative, so that the synthesized text is the same on every machine.
 */
const LOCAL_STATE = "../../../terraform.{stack}.tfstate";

/** Terraform backend of an environment: local, or any other with its own keys. `{stack}` stands for the stack's id. */
export class StateBackend extends TerraformBackend {
  private readonly attributes: Record<string, unknown>;

  constructor(scope: Construct, { type, ...keys }: EnvironmentSettings["backend"]) {
    super(scope, "backend", type);
    const stack = TerraformStack.of(this).node.id;
    const attributes = type === "local" && Object.keys(keys).length === 0 ? { path: LOCAL_STATE } : keys;
    this.attributes = JSON.parse(JSON.stringify(attributes).replaceAll("{stack}", stack)) as Record<string, unknown>;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.attributes;
  }

  /** Not supported: the stacks refer to each other by names, not by remote state. */
  getRemoteStateDataSource(): TerraformRemoteState {
    throw new Error("stacks of a fleet share names, not state: use ResourceNames");
  }
}
