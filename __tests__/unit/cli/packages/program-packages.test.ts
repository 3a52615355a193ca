import { installationCommand, NEVER_UNPACKED, PROGRAM_NAMES, PROGRAMS } from "../../../../cli/packages/program-packages";
import type { PackageManager } from "../../../../cli/packages/package-manager";
import type { ProgramName } from "../../../../cli/packages/program-packages";

test.each<[PackageManager | undefined, string]>([
  ["apt-get", "apt-get install rabbitmq-server postgresql python3 python3-venv git jq"],
  ["dnf", "dnf install rabbitmq-server postgresql-server python3 git jq"],
  ["pacman", "pacman -S rabbitmq postgresql python git jq"],
  ["zypper", "zypper install rabbitmq-server postgresql-server python3 git jq"],
  ["apk", "apk add rabbitmq-server postgresql python3 git jq"],
  ["brew", "brew install rabbitmq postgresql@17 python@3.13 git jq"],
  [undefined, "install RabbitMQ, PostgreSQL, Python, git, jq"],
])("with %s: %s", (manager, command) => {
  expect(installationCommand(manager, PROGRAM_NAMES)).toBe(command);
});

/** What apt planned on bare systems of Debian 12 and 13. */
test.each<[ProgramName, string, string]>([
  [
    "rabbitmq",
    "cron libpython3.11-stdlib python3 python3-minimal logrotate libpopt0 procps erlang-base erlang-crypto socat libssl3 libncursesw6 rabbitmq-server",
    "erlang-base erlang-crypto libssl3 libncursesw6 rabbitmq-server",
  ],
  [
    "postgres",
    "perl-modules-5.40 libperl5.40 libjson-perl postgresql-common locales ssl-cert libicu76 libz3-4 libllvm19 libpq5 postgresql-client-17 postgresql-17 postgresql",
    "libicu76 libpq5 postgresql-client-17 postgresql-17 postgresql",
  ],
  [
    "python",
    "libpython3.13-stdlib python3.13 python3 media-types netbase openssl ca-certificates python3-pip-whl python3-venv",
    "libpython3.13-stdlib python3.13 python3 ca-certificates python3-pip-whl python3-venv",
  ],
  ["git", "perl libperl5.36 liberror-perl libcurl3-gnutls git-man openssl ca-certificates git", "libcurl3-gnutls ca-certificates git"],
  ["jq", "libonig5 libjq1 jq", "libonig5 libjq1 jq"],
])("of what %s depends on, only what it runs with is unpacked", (program, planned, unpacked) => {
  const kept = planned.split(" ").filter((name) => !PROGRAMS[program].leaveOut.test(name) && !NEVER_UNPACKED.test(name));
  expect(kept.join(" ")).toBe(unpacked);
});

test.each(["libc6", "libc-bin", "passwd", "adduser"])("%s is the system's alone", (name) => {
  expect(NEVER_UNPACKED.test(name)).toBe(true);
});
