/** Who acts: one agent, on one project, perhaps within one session (a task between start_task and end_task). */
export interface Actor {
  projectId: string;
  agentId: string;
  sessionId: string | null;
}
