import { FreshMachine, whyNoFreshMachine } from "../support/fresh-machine";

/** What `up -y` installs on a machine that has nothing: real packages and a real engine, with `up` killed once halfway. */

const reason = whyNoFreshMachine();
if (reason !== undefined) console.warn(`SKIPPED: no fresh machine can be made here: ${reason}`);
const describeMachine = reason === undefined ? describe : describe.skip;

const INSTALL = "node --import tsx __tests__/support/install-engine.ts";

jest.setTimeout(15 * 60_000);

describeMachine("a bare Debian", () => {
  const machine = new FreshMachine();

  beforeAll(async () => {
    await machine.make();
  });

  afterAll(() => {
    machine.remove();
  });

  test("is left in the middle of an installation, and gets its engine the next time", async () => {
    const { code, stdout, stderr } = await machine.run(`
      cd /checkout
      ${INSTALL} &
      while kill -0 $! && ! dpkg-query -W -f '\${db:Status-Abbrev}\\n' | grep -q '^i[UFHW]'; do sleep 0.05; done
      kill -KILL -1
      echo "HALF $(dpkg-query -W -f '\${db:Status-Abbrev}\\n' | grep -c '^i[UFHW]')"
      ${INSTALL} || exit
      cd / && tar -c bin lib* usr/bin usr/lib* | docker import - own:1
      docker run --rm own:1 echo ran in a container
    `);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(Number(/HALF (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(0);
    expect([...stdout.matchAll(/^PLANNED (.*)$/gm)].map((match) => match[1])).toEqual([
      '["docker.io","iptables"]',
      '["docker.io","iptables"]',
    ]);
    expect(JSON.parse(/^FOUND (.*)$/m.exec(stdout)![1]!)).toEqual({ engine: expect.stringMatching(/^\d+\./), local: true, builds: true });
    expect(stdout).toContain("THEN null");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("ran in a container");
  });
});
