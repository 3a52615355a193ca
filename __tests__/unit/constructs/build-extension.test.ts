import { extendDockerfile, extensionProblem } from "../../../constructs/build-extension";

test.each<[what: string, instructions: string, problem: string | undefined]>([
  ["one instruction", "RUN true\n", undefined],
  ["a word that only looks like FROM", "# FROM here on\nRUN echo FROM x\n", undefined],
  ["nothing", "", "must hold at least one Dockerfile instruction, such as RUN, got none"],
  ["comments alone", "\n# later\n", "must hold at least one Dockerfile instruction, such as RUN, got none"],
  [
    "a base of its own",
    "RUN true\n\n  from debian\n",
    "must extend the worker image and not start another one: no FROM allowed, got one in its line 3",
  ],
  ["half an instruction", "RUN true \\\n", "must end with a complete instruction, got a last line that ends with a backslash"],
  [
    "half an instruction before a comment",
    "RUN true \\\n# end\n",
    "must end with a complete instruction, got a last line that ends with a backslash",
  ],
])("%s", (_what, instructions, problem) => {
  expect(extensionProblem(instructions)).toBe(problem);
});

test("an extension stands on its stage as root and gives account and command back", () => {
  expect(extendDockerfile("FROM scratch AS worker\n\n", "worker", "\nRUN make\n")).toBe(`FROM scratch AS worker

FROM worker AS extended
USER root
RUN make
USER root
RUN find / -xdev -type f -perm /6000 -exec chmod a-s {} +
WORKDIR /home/app
USER 1000:1000
ENTRYPOINT []
CMD ["node", "/opt/fleet/runtime/worker.js"]
`);
});
