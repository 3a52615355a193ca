import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { output } from "../support/command";
import { FreshMachine, whyNoFreshMachine } from "../support/fresh-machine";
import type { Release } from "../support/fresh-machine";

/**
 * The two commands of the README on a bare Debian with only Node and npm: as an ordinary user and as root, killed at several
 * points, once more without a network, and purged at the end. The packages and everything they are used for are real.
 */

const CHECKOUT = path.join(__dirname, "../..");

jest.setTimeout(30 * 60_000);

/** Beginning of every script: functions that run a command as a user, and that store a step's output and exit code. */
const PRELUDE = `
mkdir -p /out
as() {
  user=$1; shift
  case $user in
    root) (cd /root/checkout && eval "$*") ;;
    *) setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/ada USER=ada LOGNAME=ada bash -c "cd /home/ada/checkout && $*" ;;
  esac
}
step() { name=$1; shift; "$@" >/out/$name.log 2>&1 </dev/null; echo $? >/out/$name.code; echo "$name: $(cat /out/$name.code), $SECONDS s"; }
# Runs a command as an ordinary user and kills it with everything it started as soon as a condition holds.
killed() {
  as ada "$1" >/out/killed.log 2>&1 </dev/null &
  until eval "$2" || ! kill -0 $!; do sleep 0.05; done 2>/dev/null
  as ada 'kill -KILL -1'
  wait $!
  grep -q "pull request" /out/killed.log && echo "came to its end before: $2" >>/out/not-killed
}
# Everything outside the users' own directories.
system() {
  find / -xdev \\( -path /home/ada -o -path /root -o -path /tmp -o -path /var/tmp -o -path /out -o -path /var/lib/codex-fleet \\) -prune -o \\
    \\( -type d -printf '%p %m %U\\n' -o -printf '%p %m %U %s %T@\\n' \\) | sort
}
`;

/** The files that git tracks, without node_modules. */
async function putCheckout(machine: FreshMachine, home: string): Promise<void> {
  const target = path.join(machine.root, home, "checkout");
  mkdirSync(target, { recursive: true });
  const files =
    'git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d "" file; do [ -e "$file" ] && printf "%s\\0" "$file"; done';
  await output("bash", ["-c", `set -o pipefail; ${files} | tar --null -T - -c | tar -x -C "$1" --no-same-owner`, "_", target], {
    cwd: CHECKOUT,
  });
}

function describeOn(release: Release, name: string, body: (machine: FreshMachine) => void): void {
  const reason = whyNoFreshMachine(release);
  if (reason !== undefined) console.warn(`SKIPPED: ${name}: no fresh machine can be made here: ${reason}`);
  (reason === undefined ? describe : describe.skip)(name, () => {
    const machine = new FreshMachine(release);
    beforeAll(async () => {
      await machine.make();
      await output("chroot", [machine.root, "useradd", "--create-home", "--uid", "1000", "ada"]);
      for (const home of ["home/ada", "root"]) await putCheckout(machine, home);
      await output("chroot", [machine.root, "chown", "-R", "ada:ada", "/home/ada"]);
    });
    afterAll(() => machine.remove());
    body(machine);
  });
}

/** The exit code of a step, and its output when it failed. */
function ended(machine: FreshMachine, step: string, code = 0): { readonly code: number; readonly log: string } {
  const log = machine.read(`out/${step}.log`);
  const found = Number(machine.read(`out/${step}.code`));
  expect({ step, code: found, log: found === code ? "" : log }).toEqual({ step, code, log: "" });
  return { code: found, log };
}

const DOWNLOADS = /^ +\d+\/\d+ |downloading|installing/m;

describeOn("trixie", "Debian 13", (machine) => {
  beforeAll(async () => {
    await machine.run(`${PRELUDE}
      system >/out/before
      killed ./tools/up.sh '[ -d /home/ada/checkout/node_modules/cdktf ]'
      killed ./tools/up.sh 'grep -q "unpacking PostgreSQL" /out/killed.log'
      killed ./tools/up.sh 'ls /home/ada/.local/share/codex-fleet/demo/tools/*/venv/bin/python'
      killed ./tools/up.sh 'grep -q "^rabbitmq .*starting" /out/killed.log'
      for user in ada root; do
        step $user-up as $user ./tools/up.sh
        step $user-unit as $user ./tools/test_unit.sh
        cp -p /etc/resolv.conf /out/; : >/etc/resolv.conf
        step $user-up-again as $user ./tools/up.sh
        step $user-unit-again as $user ./tools/test_unit.sh __tests__/unit/stages
        cat /out/resolv.conf >/etc/resolv.conf; touch -r /out/resolv.conf /etc/resolv.conf
      done
      step ada-ps as ada npm run -s fleet -- ps demo
      for user in root ada; do step $user-purge as $user ./tools/down.sh demo --purge; done
      ls /proc | grep -c '^[0-9]' >/out/processes
      system >/out/after
    `);
  });

  test.each(["ada", "root"])("up ends with the pull request as %s, in whatever state the last one was left", (user) => {
    const { log } = ended(machine, `${user}-up`);
    expect(log).toMatch(/^demo takes the local engine, because Docker cannot be used here: Terraform: none; Docker engine: none\./m);
    expect(log).toMatch(/^run succeeded: http:\/\/127\.0\.0\.1:\d+\/demo\/sample\/pull\/1$/m);
    expect(log).not.toMatch(/MISSING/);
    expect(existsSync(path.join(machine.root, "out/not-killed")) && machine.read("out/not-killed")).toBe(false);
  });

  test.each(["ada", "root"])("the unit tests pass as %s", (user) => {
    expect(ended(machine, `${user}-unit`).log).toMatch(/^Tests: +(\d+ skipped, )?\d+ passed, \d+ total$/m);
  });

  test.each(["ada", "root"])("again as %s, without a network: nothing is downloaded or started", (user) => {
    const { log } = ended(machine, `${user}-up-again`);
    expect(log).toMatch(/^demo is up on the local engine: 8 services healthy, nothing changed /m);
    expect(log).toMatch(/^a run has succeeded already: /m);
    expect(log).not.toMatch(DOWNLOADS);
    expect(ended(machine, `${user}-unit-again`).log).not.toMatch(DOWNLOADS);
  });

  test("two users have a fleet each, side by side", () => {
    expect(ended(machine, "ada-ps").log.match(/ consuming$/gm)).toHaveLength(2);
    expect(machine.read("out/root-up.log")).toMatch(/taken by another program; the API will take another port/);
  });

  test("down --purge leaves nothing behind", () => {
    for (const user of ["root", "ada"]) ended(machine, `${user}-purge`);
    const left = ["home/ada/.cache/codex-fleet", "root/.cache/codex-fleet", "var/lib/codex-fleet/.cache/codex-fleet"];
    expect(left.filter((directory) => existsSync(path.join(machine.root, directory)))).toEqual([]);
    expect(["home/ada/.local/share/codex-fleet", "var/lib/codex-fleet"].map((at) => visible(path.join(machine.root, at)))).toEqual([
      [],
      [],
    ]);
  });

  test("nothing on the system has changed", () => {
    expect(machine.read("out/after").split("\n")).toEqual(machine.read("out/before").split("\n"));
  });
});

function visible(directory: string): string[] {
  return readdirSync(directory).filter((name) => !name.startsWith("."));
}

describeOn("bookworm", "Debian 12", (machine) => {
  beforeAll(async () => {
    await machine.run(`${PRELUDE}
      export http_proxy=http://127.0.0.1:9
      step no-mirror as ada ./tools/up.sh
      step no-mirror-unit as ada ./tools/test_unit.sh
      unset http_proxy
      step up as ada ./tools/up.sh
      step unit as ada ./tools/test_unit.sh __tests__/unit/stages
    `);
  });

  test("without a mirror every program is named with the command that installs it, and so is the mirror", () => {
    const { log } = ended(machine, "no-mirror", 78);
    expect(log).toMatch(/Failed to fetch http:.*\/dists\/bookworm\/InRelease /);
    expect([...log.matchAll(/^MISSING (\S+): found none.*\n +fix: (apt-get install \S+)/gm)].map(([, name, fix]) => [name, fix])).toEqual([
      ["RabbitMQ", "apt-get install rabbitmq-server"],
      ["PostgreSQL", "apt-get install postgresql"],
      ["Python", "apt-get install python3"],
      ["git", "apt-get install git"],
      ["jq", "apt-get install jq"],
    ]);
    expect(ended(machine, "no-mirror-unit", 78).log).toMatch(/install them \(apt-get install git jq\)/);
  });

  test("up ends with the pull request, with the programs of that release", () => {
    const { log } = ended(machine, "up");
    expect(log).toMatch(/^ok +RabbitMQ: found 3\.10\.\S+ \(unpacked\)/m);
    expect(log).toMatch(/^ok +PostgreSQL: found 15 \(unpacked\)/m);
    expect(log).toMatch(/^run succeeded: http:/m);
    ended(machine, "unit");
  });
});
