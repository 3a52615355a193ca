/** One checkbox of a Spec Kit tasks.md. */
export interface ListedTask {
  readonly taskId: string;
  readonly title: string;
  /** The last `##` heading above it, empty when there is none. */
  readonly phase: string;
  /** Counted from 1. */
  readonly lineNumber: number;
  readonly done: boolean;
}

const CHECKBOX = /^[ \t]*[-*] \[([ xX])\] +([A-Za-z]+-?\d+[A-Za-z]?)[ \t]+(.*)$/;

/** The tasks of a tasks.md in order. Checkboxes inside fenced code are examples, not tasks. */
export function parseTaskList(text: string): ListedTask[] {
  const tasks: ListedTask[] = [];
  let phase = "";
  let fenced = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*(```|~~~)/.test(line)) fenced = !fenced;
    if (fenced) continue;
    if (line.startsWith("## ")) phase = line.slice(3).trim();
    const match = CHECKBOX.exec(line);
    if (match === null) continue;
    const [, mark, taskId, rest] = match as unknown as [string, string, string, string];
    tasks.push({ taskId, title: withoutMarkers(rest), phase, lineNumber: index + 1, done: mark !== " " });
  }
  return tasks;
}

/** Ticks off a task. Returns the text unchanged when the task is ticked already, null when there is no such task. */
export function tickTask(text: string, taskId: string): string | null {
  const task = parseTaskList(text).find((candidate) => candidate.taskId === taskId);
  if (task === undefined) return null;
  if (task.done) return text;
  const lines = text.split("\n");
  lines[task.lineNumber - 1] = lines[task.lineNumber - 1]!.replace("[ ]", "[X]");
  return lines.join("\n");
}

/** Spec Kit puts `[P]` (parallel) and `[US1]` (story) before the title. */
function withoutMarkers(text: string): string {
  return text.replace(/^(?: *\[[A-Za-z0-9]+\])+/, "").trim();
}
