import { Construct } from "constructs";
import { ProtectedVolume } from "./protected-volume";

/** The volume that keeps the agents' login. */
export interface IAuthVolume {
  readonly volumeName: string;
}

export interface AuthVolumeProps {
  /** @default "codex_auth_volume" */
  readonly volumeName?: string;
  /** Whether Terraform refuses to destroy it. @default true */
  readonly protect?: boolean;
}

/** A login volume that this fleet owns. It takes over an existing volume of the same name, with its content. */
export class AuthVolume extends Construct implements IAuthVolume {
  /** A login volume owned by someone else: the fleet uses it by name and never creates, changes or destroys it. */
  static fromName(volumeName: string): IAuthVolume {
    return { volumeName };
  }

  readonly volumeName: string;

  constructor(scope: Construct, id: string, props: AuthVolumeProps = {}) {
    super(scope, id);
    this.volumeName = props.volumeName ?? "codex_auth_volume";
    new ProtectedVolume(this, "Resource", { volumeName: this.volumeName, protect: props.protect ?? true });
  }
}
