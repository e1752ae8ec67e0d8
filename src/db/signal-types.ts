/**
 * What processes tell each other through the database. A topic is the payload of a NOTIFY: on the channel `popstash`, for
 * everyone, `superseded:PROJECT:OLD:NEW` (a decision) and, in embedded mode, `passages` (some have changed); on
 * `popstash_AGENT`, for the one process that serves the agent, `notice:AGENT` (there is a notice for it), `tasks:AGENT` (a
 * task of it began or ended without its call, or it has another name), `retry:OWNER` (the locks that it waits for may be
 * free), `granted:OWNER:WAITER:JSON` (they are, and were granted to its position in the queue). A signal may be lost with a
 * broken connection: a process that waits for one also asks now and then.
 */
export interface Signals {
  /** Hears from now on what is for this agent too. @returns ends that */
  join(agentId: string): () => void;
  /** @returns ends the listening */
  on(topic: string, listener: () => void): () => void;
  /** Topics that begin so; the listener gets the rest. */
  onPrefix(prefix: string, listener: (rest: string) => void): () => void;
}
