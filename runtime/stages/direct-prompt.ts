import type { OpenTask } from "../contract";

/** The prompt for a task when no skill is used. */
export function directPrompt(task: OpenTask, notes: string | null): string {
  const parts = [
    `Carry out exactly one task of ${task.tasksPath}, this one:`,
    `${task.taskId} ${task.title}`,
    "Read the plan and the specification beside the task list first. Leave every other task alone, and do not commit, push or open a pull request: codex-fleet does that afterwards. Nobody can answer questions: decide for yourself and go on.",
    ...(notes === null || notes === "" ? [] : [`Notes of the person who asked for this run:\n${notes}`]),
  ];
  return parts.join("\n\n");
}
