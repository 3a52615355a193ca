import { scriptedTask } from "../../../runtime/demo/scripted-task";

const PREFIX = "This is a scripted model, not a language model.";

describe("scriptedTask", () => {
  it.each([
    ["the plain form", "Do T001 Create greeting.txt that says hello", "greeting.txt", "hello\n"],
    ["a task line with its markers", "- [ ] T002 [P] [US1] Create docs/a.md that says two words", "docs/a.md", "two words\n"],
    ["quotes around file and text", "T003 Create `a b.txt`", undefined, undefined],
    ["quoted file and text", 'T003 Create `a.txt` that says "hi there"', "a.txt", "hi there\n"],
    [
      "the first open task of several",
      "- [x] T001 Create a.txt that says a\n- [ ] T002 Create b.txt that says b\n- [ ] T003 Create c.txt that says c",
      "b.txt",
      "b\n",
    ],
    ["an example of Spec Kit's own templates", "- [ ] T001 Create project structure per implementation plan", undefined, undefined],
  ])("%s", (_name, prompt, path, content) => {
    const answer = scriptedTask({ prompts: [prompt], toolResults: [] });
    if (path === undefined) {
      expect(answer).toEqual({
        kind: "message",
        text: `${PREFIX} It only does tasks of the form «T001 Create FILE that says TEXT», and found none in the prompt. Nothing was changed.`,
      });
    } else {
      expect(answer).toEqual({ kind: "write", path, content });
    }
  });

  it("takes the newest prompt that names a task", () => {
    const prompts = ["T001 Create a.txt that says a", "T002 Create b.txt that says b", "<environment_context/>"];
    expect(scriptedTask({ prompts, toolResults: [] })).toEqual({ kind: "write", path: "b.txt", content: "b\n" });
  });

  it.each(["/etc/passwd", "../a.txt", "a/../../b", "a$(id).txt"])("writes nothing outside the work tree: %s", (path) => {
    expect(scriptedTask({ prompts: [`T001 Create ${path} that says a`], toolResults: [] })).toEqual({
      kind: "message",
      text: `${PREFIX} T001 asks for "${path}", which is not a path inside the work tree. Nothing was changed.`,
    });
  });

  it("ends the turn with what the tool answered", () => {
    expect(scriptedTask({ prompts: ["T001 Create a.txt that says a"], toolResults: ["Exit code: 1\nno space left"] })).toEqual({
      kind: "message",
      text: `${PREFIX} It was told to create a.txt for T001; the tool answered: Exit code: 1 no space left`,
    });
  });
});
