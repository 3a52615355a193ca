import type { Answer, Conversation } from "./conversation";

const INTRODUCTION = "This is a scripted model, not a language model.";

/** An open task (not ticked off) such as `T001 [P] [US1] Create greeting.txt that says hello`. */
const TASK = /(?<!\[[xX]\] +)\b(T\d{3,})((?: +\[[^\]\n]+\])*) +Create +(\S+) +that +says +([^\n]+)/;

/**
 * The default script. It carries out the task that the prompt names, in one edit, if the task has the form
 * `T001 Create FILE that says TEXT`, and says so. It answers any other prompt with an explanation of this.
 */
export function scriptedTask({ prompts, toolResults }: Conversation): Answer {
  const task = findTask(prompts);
  if (task === undefined) {
    return message("It only does tasks of the form «T001 Create FILE that says TEXT», and found none in the prompt. Nothing was changed.");
  }
  if (!isInside(task.file)) {
    return message(`${task.id} asks for "${task.file}", which is not a path inside the work tree. Nothing was changed.`);
  }
  const result = toolResults.at(-1);
  if (result === undefined) return { kind: "write", path: task.file, content: `${task.text}\n` };
  return message(`It was told to create ${task.file} for ${task.id}; the tool answered: ${firstLines(result)}`);
}

function findTask(prompts: readonly string[]): { id: string; file: string; text: string } | undefined {
  for (const prompt of prompts.toReversed()) {
    const match = TASK.exec(prompt);
    if (match !== null) return { id: match[1]!, file: unquote(match[3]!), text: unquote(match[4]!.trim()) };
  }
  return undefined;
}

function message(text: string): Answer {
  return { kind: "message", text: `${INTRODUCTION} ${text}` };
}

function unquote(text: string): string {
  return /^(["'`])(.*)\1$/.exec(text)?.[2] ?? text;
}

function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..") && /^[\w./ -]+$/.test(path);
}

function firstLines(text: string): string {
  return text.trim().split("\n").slice(0, 4).join(" ").slice(0, 300);
}
